import type { EventDraft, Subagent } from '@bellhop/core'
import { toolWith, wordsOf } from './answers.ts'
import type { Asking } from './asking.ts'
import type { Scenario, Step, ToolStep } from './scenario.ts'
import { fillIn, type Script } from './script.ts'
import { activityOf, type createVoice, type Wait } from './voice.ts'

export type Tell = (...drafts: EventDraft[]) => Promise<void>

/** The pause between two steps, and how long the agent thinks and a tool takes. */
const STEP_MS = 700
const THINK_MS = 1_800
const TOOL_MS = 900

/** Where a step is played: what fills its text, what ends it, whose it is. */
export type Scene = { words: readonly string[]; signal: AbortSignal; subagent?: Subagent }

/** The turn a step belongs to. */
export interface Turn {
  begin(): Promise<void>
  /** Ends the turn with this event. */
  end(draft: EventDraft): Promise<void>
  /** Stops it, as a person does. */
  interrupt(): void
  isInterrupted(): boolean
}

/** Plays steps one after the other; a step that is denied ends its list. */
export const createSteps = (parts: {
  script: Script
  tell: Tell
  voice: ReturnType<typeof createVoice>
  asking: Asking
  turn: Turn
  wait: Wait
  /** The session's folder. */
  cwd: string | undefined
}): ((steps: Scenario['play'], scene: Scene) => Promise<void>) => {
  const { script, tell, voice, asking, turn, wait } = parts
  /** Rules that were taken along: what they cover asks nobody any more. */
  const rules = new Set<string>()

  const ask = (step: Parameters<Script['askOf']>[0], scene: Scene, toolCallId?: string) => {
    const { subagent, signal } = scene
    voice.activity('', subagent)
    const about = { ...(toolCallId !== undefined && { toolCallId }), ...(subagent && { subagent }) }
    return asking.ask(script.askOf(step), about, signal)
  }

  /** True when it ran; false when it was denied and the turn took another course. */
  const playTool = async (step: ToolStep, scene: Scene): Promise<boolean> => {
    const { subagent, signal } = scene
    const of = subagent ? { subagent } : {}
    const toolCallId = script.newId()
    let { tool } = step
    let edited = false
    let ended = false
    await tell(script.draft('tool.started', { toolCallId, tool, ...of }))
    try {
      const covered = step.asks?.suggestions.some((one) => rules.has(one.suggestionId))
      if (step.asks && !covered) {
        const answer = await ask(step, scene, toolCallId)
        const decision = answer.type === 'decide_permission' ? answer.decision : undefined
        if (decision?.behavior === 'deny') {
          await tell(script.toolEnded(toolCallId, 'denied', {}, of))
          ended = true
          if (decision.interrupt) turn.interrupt()
          await playAll(step.asks.denied, { ...scene, words: wordsOf(answer) })
          return false
        }
        for (const id of decision?.suggestionIds ?? []) rules.add(id)
        if (decision?.input) {
          tool = toolWith(tool, decision.input)
          edited = true
        }
      }
      voice.activity(step.activity ?? activityOf(tool, parts.cwd), subagent)
      const takesMs = step.takesMs ?? TOOL_MS
      await wait(takesMs, signal)
      const result = { ...step.result, durationMs: takesMs }
      const more = { ...of, ...(edited && { tool }) }
      await tell(script.toolEnded(toolCallId, step.outcome ?? 'ok', result, more))
      return true
    } catch (error) {
      if (turn.isInterrupted() && !ended) {
        await tell(script.toolEnded(toolCallId, 'interrupted', {}, of))
      }
      throw error
    }
  }

  /** Plays one step; false when what follows it in its list is not to be played. */
  const playStep = async (step: Step, scene: Scene): Promise<boolean> => {
    const { signal, subagent, words } = scene
    switch (step.do) {
      case 'pause':
        await wait(step.ms, signal)
        return true
      case 'person':
        await tell(...script.plain(step))
        await turn.begin()
        return true
      case 'say': {
        const text = fillIn(step.text, words)
        await voice.stream(text, subagent, signal)
        await tell(...script.plain({ do: 'say', text }, subagent))
        return true
      }
      case 'think':
        voice.activity('Thinking', subagent)
        await wait(THINK_MS, signal)
        await tell(...script.plain(step, subagent))
        return true
      case 'tool':
        return playTool(step, scene)
      case 'subagent': {
        const { description = '', agentType } = step.subagent
        const { prompt } = step
        const toolCallId = script.newId()
        const call = {
          name: 'Agent',
          description,
          prompt,
          ...(agentType !== undefined && { agentType }),
        }
        await tell(
          script.draft('tool.started', { toolCallId, tool: { kind: 'subagent', ...call } }),
        )
        try {
          await playAll(step.steps, { ...scene, subagent: step.subagent })
        } catch (error) {
          if (turn.isInterrupted()) await tell(script.toolEnded(toolCallId, 'interrupted'))
          throw error
        }
        await tell(script.toolEnded(toolCallId, 'ok', { text: step.result }))
        return true
      }
      case 'question': {
        const answer = await ask(step, scene)
        const talks = answer.type === 'answer_question' && answer.answer.kind === 'talk'
        await playAll(talks ? step.talk : step.answered, { ...scene, words: wordsOf(answer) })
        return true
      }
      case 'plan': {
        const answer = await ask(step, scene)
        const decision = answer.type === 'decide_plan' ? answer.decision : undefined
        const approved = decision?.behavior === 'approve'
        if (approved) {
          const permissionMode = decision.mode ?? step.modes[0]?.mode
          if (permissionMode) await tell(script.draft('session.changed', { permissionMode }))
        }
        await playAll(approved ? step.approved : step.rejected, {
          ...scene,
          words: wordsOf(answer),
        })
        return true
      }
      case 'end-turn':
        await turn.end(...(script.plain(step) as [EventDraft]))
        return true
      default:
        await tell(...script.plain(step, subagent))
        return true
    }
  }

  const playAll = async (steps: readonly Step[], scene: Scene): Promise<void> => {
    for (const step of steps) {
      scene.signal.throwIfAborted()
      if (!(await playStep(step, scene))) return
      if (step.do !== 'pause') await wait(STEP_MS, scene.signal)
    }
  }

  return playAll
}
