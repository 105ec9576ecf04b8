/** A path as seen from the session's folder. */
export const shortPath = (path: string, cwd: string | null): string =>
  cwd && path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path

/** Words that name files, with those of the session's folder told from there. */
export const withoutFolder = (text: string, cwd: string | null): string =>
  cwd ? text.replaceAll(`${cwd}/`, '') : text

/** A folder as people write it, from their home on. */
export const homePath = (path: string): string =>
  path.replace(/^\/(?:home|Users)\/[^/]+(?=\/|$)/, '~').replace(/^\/root(?=\/|$)/, '~')
