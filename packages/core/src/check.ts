import * as v from 'valibot'

/** Checks a value against one of core’s schemas; for those who may not import the schema library. */
export const check = <Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
): { ok: true; value: v.InferOutput<Schema> } | { ok: false; issue: string } => {
  const parsed = v.safeParse(schema, value)
  return parsed.success
    ? { ok: true, value: parsed.output }
    : { ok: false, issue: v.summarize(parsed.issues) }
}
