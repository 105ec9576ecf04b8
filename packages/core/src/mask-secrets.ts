const COVER = '••••'

/** Names whose value is nobody’s business, as they stand in variables, headers, flags and JSON. */
const NAME =
  '[\\w.-]{0,40}(?:key|token|secret|passw(?:or)?d|passphrase|pass|pwd|pw|credentials?|cookie|session[-_]?id|auth|authorization|signature)[\\w.-]{0,40}'
/** A value: quoted, with its scheme (`Bearer …`), or up to the next blank. */
const VALUE = String.raw`(?:"(?:\\.|[^"\\])*"?|'[^']*'?|(?:(?:bearer|basic|token|digest)\s+)?[^\s"'&;|]+)`

const RULES: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*-----|$)/g, COVER],
  // https://name:secret@host, and https://secret@host when the name is long enough to be one.
  [/(:\/\/[^/\s:@]*:)[^@\s/]+@/g, `$1${COVER}@`],
  [/(:\/\/)[^/\s:@]{16,}@/g, `$1${COVER}@`],
  [new RegExp(`(\\b${NAME}["']?\\s*(?:=|:(?!//))\\s*)${VALUE}`, 'gi'), `$1${COVER}`],
  [new RegExp(`(--?${NAME}\\s+)(?!-)${VALUE}`, 'gi'), `$1${COVER}`],
  [/\b(?:bearer|basic)\s+[\w.~+/=-]{8,}/gi, COVER],
  // curl -u name:secret, sshpass -p secret, mysql -psecret
  [/(\s-u\s*|\s--user[= ]\s*)(["']?)[^\s:"']+:[^\s"']+\2/g, `$1${COVER}`],
  [/(\bsshpass\s+-p\s*)\S+/g, `$1${COVER}`],
  [/(\b(?:mysql|mysqldump|mariadb)\b[^|;&]{0,300}?\s-p)[^\s|;&]+/g, `$1${COVER}`],
  // What well-known issuers put in front of their keys.
  [
    /\b(?:sk|pk|rk|whsec)[-_][\w-]{8,}|\b(?:gh[opsur]_|github_pat_|glpat-|npm_|pypi-|xox[abeoprs]-|hf_|dop_v1_|shpat_|AIza|AKIA|ASIA|eyJ|bhm_)[\w.=-]{8,}/g,
    COVER,
  ],
  // Long runs of letters and digits mixed, or of hex: more likely a key than a word.
  [/(?<![\w/.-])(?=[A-Za-z0-9+_=-]*[0-9])(?=[A-Za-z0-9+_=-]*[A-Za-z])[A-Za-z0-9+_=-]{32,}/g, COVER],
]

/**
 * Covers what looks like a secret in text bound for a lock screen; rather too much than too little.
 * Pure. [PU-5]
 */
export const maskSecrets = (text: string): string =>
  RULES.reduce((masked, [pattern, cover]) => masked.replaceAll(pattern, cover), text)
