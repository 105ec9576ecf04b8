import { createHash } from 'node:crypto'
import { policyWithStyle } from './security-headers.ts'

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1.25rem;color:#1c1b19;background:#faf9f6}' +
  '@media(prefers-color-scheme:dark){body{color:#ece9e2;background:#171614}}'

const POLICY = policyWithStyle(createHash('sha256').update(STYLE).digest('base64'))

const page = (status: number, title: string, sentences: readonly string[]) => (): Response =>
  new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<title>Bellhop</title><style>${STYLE}</style><h1>${title}</h1>${sentences
        .map((sentence) => `<p>${sentence}</p>`)
        .join('')}</html>`,
    {
      status,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': POLICY,
        'cache-control': 'no-store',
      },
    },
  )

/** For someone who typed the machine’s address in the local network. [HT-1] */
export const helpPage = page(421, 'This address cannot work', [
  'Browsers let a page keep a device key, scan a code or ring only over <b>https</b>, and this address has none.',
  'On the computer, run <code>bellhop pair</code> and open the address it prints. If it prints none that a phone can reach, it lists the ways to get one.',
])

export const nothingHerePage = page(404, 'There is nothing here', [
  'Open <a href="/">Bellhop</a> itself.',
])

/** For a relay that was started before the app was built. */
export const notBuiltPage = page(404, 'The app is not built', [
  'The relay runs, but has no app to show. Run <code>npx -y pnpm@12 start</code> in the repository: it builds what is missing.',
])
