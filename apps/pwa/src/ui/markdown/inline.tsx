import type { Token, Tokens } from 'marked'
import { For, type JSX } from 'solid-js'
import { titleWords } from './blocks.ts'
import { decodeReferences, safeHref } from './links.ts'

/** Runs of Markdown inside a block, as elements; raw HTML and anything unknown stays the text it is. */
export function Inline(props: { tokens: readonly Token[] | undefined; fallback?: string }) {
  return (
    <For each={props.tokens} fallback={props.fallback}>
      {(token) => renderInline(token)}
    </For>
  )
}

function renderInline(token: Token): JSX.Element {
  switch (token.type) {
    case 'strong':
      return (
        <strong>
          <Inline tokens={token.tokens} />
        </strong>
      )
    case 'em':
      return (
        <em>
          <Inline tokens={token.tokens} />
        </em>
      )
    case 'del':
      return (
        <del>
          <Inline tokens={token.tokens} />
        </del>
      )
    case 'codespan':
      return <code>{decodeReferences(token.text)}</code>
    case 'br':
      return <br />
    case 'escape':
      return token.text
    case 'link':
      return (
        <>
          <Link href={token.href} tokens={token.tokens} />
          {titleWords(token.title)}
        </>
      )
    case 'image':
      return (
        <>
          <Link href={token.href} text={`Image: ${token.text || token.href}`} />
          {titleWords(token.title)}
        </>
      )
    case 'text':
      return (token as Tokens.Text).tokens ? (
        <Inline tokens={token.tokens} />
      ) : (
        decodeReferences(token.text)
      )
    default:
      return token.raw
  }
}

/** A link to where it says; an address that leads nowhere from here is shown beside its words instead. */
function Link(props: { href: string; tokens?: readonly Token[] | undefined; text?: string }) {
  const words = () => <Inline tokens={props.tokens} fallback={props.text ?? props.href} />
  const target = safeHref(props.href)
  if (target)
    return (
      <a href={target} target="_blank" rel="noopener noreferrer">
        {words()}
      </a>
    )
  return (
    <>
      {words()} <code>{props.href}</code>
    </>
  )
}
