import type { Plugin } from 'vite'

const ASSIGNMENT = 't.innerHTML = html;'

/**
 * Lets Solid run under `require-trusted-types-for 'script'`: its `template()` parses the compiler's own constant
 * strings with `innerHTML`, so that one assignment goes through a policy named `solid`. No other code can reach the
 * policy. Fails the build when Solid no longer looks as expected, because the app would then start blank.
 */
export function solidTrustedTypes(): Plugin {
  let patched = false
  return {
    name: 'bellhop:solid-trusted-types',
    enforce: 'pre',
    apply: 'build',
    buildStart() {
      patched = false
    },
    transform(code, id) {
      if (!/solid-js\/web\/dist\/(web|dev)\.js/.test(id)) return null
      if (code.split(ASSIGNMENT).length !== 2) this.error('template() of solid-js/web has changed')
      patched = true
      const policy =
        "const trusted = globalThis.trustedTypes?.createPolicy('solid', { createHTML: (html) => html });\n"
      const assignment = 't.innerHTML = trusted ? trusted.createHTML(html) : html;'
      return { code: policy + code.replace(ASSIGNMENT, assignment), map: null }
    },
    buildEnd(error) {
      if (!error && !patched) this.error('solid-js/web was not found in the build')
    },
  }
}
