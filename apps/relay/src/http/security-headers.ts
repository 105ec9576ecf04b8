const POLICY = {
  'default-src': "'none'",
  // The QR scanner is WebAssembly from our own origin.
  'script-src': "'self' 'wasm-unsafe-eval'",
  'style-src': "'self'",
  'connect-src': "'self'",
  'img-src': "'self' data: blob:",
  'font-src': "'self'",
  'manifest-src': "'self'",
  'worker-src': "'self'",
  'frame-ancestors': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': 'solid sw',
}

const HALF_A_YEAR_S = 180 * 24 * 3600

const writePolicy = (policy: Record<string, string>) =>
  Object.entries(policy)
    .map(([directive, value]) => `${directive} ${value}`)
    .join('; ')

/** The policy for a page that carries one style sheet of its own, named by its hash. */
export const policyWithStyle = (sha256: string): string =>
  writePolicy({ ...POLICY, 'style-src': `'sha256-${sha256}'` })

const HEADERS = {
  'content-security-policy': writePolicy(POLICY),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy':
    'camera=(self), clipboard-read=(self), clipboard-write=(self), microphone=(), geolocation=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** Puts on an answer what every answer carries; what is there already stays. [HT-3] */
export const setSecurityHeaders = (headers: Headers, options: { https: boolean }): void => {
  for (const [name, value] of Object.entries(HEADERS)) {
    if (!headers.has(name)) headers.set(name, value)
  }
  if (options.https) headers.set('strict-transport-security', `max-age=${HALF_A_YEAR_S}`)
}
