import { announce } from './announce.ts'

/** Puts text on the clipboard and says so; false when the browser does not let it. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    announce('Copied')
    return true
  } catch {
    return false
  }
}

/** What is on the clipboard, or undefined when there is nothing or it may not be read. */
export async function pasteText(): Promise<string | undefined> {
  try {
    return (await navigator.clipboard.readText()).trim() || undefined
  } catch {
    return undefined
  }
}
