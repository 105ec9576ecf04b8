import type { Environment } from '../cloud-api.ts'
import { asFields } from './answer.ts'
import { fieldsOf, lineOf, present, textOf } from './read-fields.ts'

/** Reads a place where sessions can be started; undefined when it has no id. */
export const readEnvironment = (value: unknown): Environment | undefined => {
  const fields = asFields(value)
  const environmentId = textOf(fields?.environment_id) ?? textOf(fields?.id)
  if (!fields || environmentId === undefined) return undefined
  const bridge = fieldsOf(fields.bridge_info)
  const isCloud = fields.kind === 'anthropic_cloud' || fields.kind === 'byoc'
  return {
    environmentId,
    kind: fields.kind === 'bridge' ? 'bridge' : isCloud ? 'cloud' : 'unknown',
    name: lineOf(fields.name) ?? lineOf(bridge?.machine_name) ?? environmentId,
    isActive: fields.state === 'active' && bridge?.online !== false,
    ...present({
      machine: lineOf(bridge?.machine_name),
      folder: lineOf(bridge?.directory),
      repository: lineOf(bridge?.git_repo_url),
    }),
  }
}
