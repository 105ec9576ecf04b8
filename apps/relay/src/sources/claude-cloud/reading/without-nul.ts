/** A JSON value whose texts hold no NUL, which nothing further on stores; the same one if there was none. */
export function withoutNul<Value>(value: Value): Value {
  if (typeof value === 'string') {
    return (value.includes('\0') ? value.replaceAll('\0', '') : value) as Value
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const cleaned = entries.map(([key, entry]) => [withoutNul(key), withoutNul(entry)] as const)
  const isSame = cleaned.every(([key, entry], at) => {
    const before = entries[at]
    return key === before?.[0] && entry === before?.[1]
  })
  if (isSame) return value
  return (
    Array.isArray(value) ? cleaned.map(([, entry]) => entry) : Object.fromEntries(cleaned)
  ) as Value
}
