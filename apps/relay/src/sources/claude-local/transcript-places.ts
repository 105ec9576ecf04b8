/** Where a session's transcript and those of its subagents lie. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { BOUNDS, cut, type Subagent } from '@bellhop/core'
import { fieldsOf, textOf } from '../../claude-format/lines.ts'

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

const projectsDir = (configDir: string) => join(configDir, 'projects')

/** The folder a session started in `cwd` writes its transcript to. */
const transcriptDir = (configDir: string, cwd: string) =>
  join(projectsDir(configDir), cwd.replaceAll(/[^A-Za-z0-9]/g, '-'))

/** Where a session's transcript will lie, unless it moves elsewhere. */
export const likelyTranscript = (configDir: string, sessionId: string, cwd: string) =>
  join(transcriptDir(configDir, cwd), `${sessionId}.jsonl`)

/** Finds a session's transcript; undefined while it has not been written. */
export async function findTranscript(
  configDir: string,
  sessionId: string,
  cwd: string,
): Promise<string | undefined> {
  const likely = likelyTranscript(configDir, sessionId, cwd)
  const name = basename(likely)
  if (await isThere(likely)) return likely
  const folders = await readdir(projectsDir(configDir)).catch(() => [])
  for (const folder of folders) {
    const path = join(projectsDir(configDir), folder, name)
    if (await isThere(path)) return path
  }
  return undefined
}

/** The folder of a session's subagents, beside its transcript. */
export const subagentsDir = (transcriptPath: string) =>
  join(transcriptPath.replace(/\.jsonl$/, ''), 'subagents')

/** The subagents that have written something, as ids. */
export async function subagentIds(transcriptPath: string): Promise<string[]> {
  const names = await readdir(subagentsDir(transcriptPath)).catch(() => [])
  return names.flatMap((name) => /^agent-([A-Za-z0-9_-]{1,100})\.jsonl$/.exec(name)?.[1] ?? [])
}

export const subagentTranscript = (transcriptPath: string, agentId: string) =>
  join(subagentsDir(transcriptPath), `agent-${agentId}.jsonl`)

/** What is noted about a subagent beside its transcript. */
export async function readSubagent(transcriptPath: string, agentId: string): Promise<Subagent> {
  const path = join(subagentsDir(transcriptPath), `agent-${agentId}.meta.json`)
  const line = (value: unknown) => cut(textOf(value) ?? '', BOUNDS.line).text
  try {
    const fields = fieldsOf(JSON.parse(await readFile(path, 'utf8'))) ?? {}
    return {
      agentId,
      ...(textOf(fields.agentType) && { agentType: line(fields.agentType) }),
      ...(textOf(fields.description) && { description: line(fields.description) }),
    }
  } catch {
    return { agentId }
  }
}
