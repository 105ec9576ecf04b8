import * as v from 'valibot'

/** The public half of a P-256 key. */
export const publicKeySchema = v.object({
  kty: v.literal('EC'),
  crv: v.literal('P-256'),
  x: v.pipe(v.string(), v.maxLength(60)),
  y: v.pipe(v.string(), v.maxLength(60)),
})
export type PublicKey = v.InferOutput<typeof publicKeySchema>
