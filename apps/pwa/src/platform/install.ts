type Navigatorish = { userAgent: string; maxTouchPoints: number }

/** Whether this is an iPhone or iPad, also one that calls itself a Mac. */
export const isApplePhone = ({ userAgent, maxTouchPoints }: Navigatorish): boolean =>
  /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)

/** Whether the app was opened from the home screen. */
const isInstalled = (): boolean =>
  matchMedia('(display-mode: standalone)').matches ||
  (navigator as { standalone?: boolean }).standalone === true

/** An iPhone's browser tab shares nothing with the app on its home screen, so pairing here would be in vain. */
export const isAppleTab = (): boolean => isApplePhone(navigator) && !isInstalled()

/** What a device would be called by its owner, and what it runs on in words, both from its user agent. */
export function deviceWords(agent: Navigatorish): { name: string; platform: string } {
  const { userAgent } = agent
  const name = nameOf(agent)
  const browser =
    /(?:Edg|EdgA|EdgiOS)\/(\d+)/.exec(userAgent)?.[1]?.replace(/^/, 'Edge ') ??
    /(?:Firefox|FxiOS)\/(\d+)/.exec(userAgent)?.[1]?.replace(/^/, 'Firefox ') ??
    /SamsungBrowser\/(\d+)/.exec(userAgent)?.[1]?.replace(/^/, 'Samsung Internet ') ??
    /(?:Chrome|CriOS)\/(\d+)/.exec(userAgent)?.[1]?.replace(/^/, 'Chrome ') ??
    /Version\/(\d+)[^ ]* .*Safari/.exec(userAgent)?.[1]?.replace(/^/, 'Safari ') ??
    'unknown browser'
  return { name, platform: `${name}, ${browser}` }
}

function nameOf(agent: Navigatorish): string {
  const { userAgent } = agent
  if (/iPhone|iPod/.test(userAgent)) return 'iPhone'
  if (isApplePhone(agent)) return 'iPad'
  const model = /Android [\d.]+; ([^;)]+?)(?: Build\/[^;)]*)?[;)]/.exec(userAgent)?.[1]
  if (/Android/.test(userAgent))
    return model && model !== 'K' && !/^rv:/.test(model) ? model : 'Android phone'
  if (/Macintosh/.test(userAgent)) return 'Mac'
  if (/Windows/.test(userAgent)) return 'Windows PC'
  if (/CrOS/.test(userAgent)) return 'Chromebook'
  return 'Linux computer'
}
