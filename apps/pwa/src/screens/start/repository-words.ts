/** A repository's address as briefly as it stays clear: `owner/name`. */
export const repositoryWords = (address: string): string => {
  const path = address
    .replace(/^[a-z+]+:\/\/[^/]+\/|^[^@\s]+@[^:]+:/i, '')
    .replace(/(\.git)?\/*$/, '')
  return path.split('/').slice(-2).join('/') || address
}
