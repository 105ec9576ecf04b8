import type { Token, Tokens } from 'marked'
import { createMemo, For, type JSX, Show } from 'solid-js'
import { CodeBlock } from '../code/code-block.tsx'
import { cx } from '../cx.ts'
import { type Block, isBlank, updateBlocks } from './blocks.ts'
import { Inline } from './inline.tsx'
import './markdown.css'

/** Markdown as elements, never as HTML. `live` marks a reply that is still being written. */
export function Markdown(props: { text: string; live?: boolean }) {
  const blocks = createMemo<Block[]>((previous) => updateBlocks(previous, props.text), [])
  return (
    <div class={cx('prose', props.live && 'live')} dir="auto">
      <For each={blocks()}>{(block) => renderBlock(block)}</For>
    </div>
  )
}

function Blocks(props: { tokens: readonly Token[] | undefined }) {
  return <For each={props.tokens}>{(token) => renderBlock(token)}</For>
}

function renderBlock(token: Token): JSX.Element {
  if (isBlank(token)) return null
  switch (token.type) {
    case 'heading':
      return (
        <h3 class={token.depth > 2 ? 'minor' : ''}>
          <Inline tokens={token.tokens} />
        </h3>
      )
    case 'paragraph':
      return (
        <p>
          <Inline tokens={token.tokens} />
        </p>
      )
    case 'text':
      return <Inline tokens={token.tokens} fallback={token.raw} />
    case 'code':
      return <CodeBlock text={token.text} language={token.lang?.split(/\s/)[0]} />
    case 'blockquote':
      return (
        <blockquote>
          <Blocks tokens={token.tokens} />
        </blockquote>
      )
    case 'list':
      return <MarkdownList list={token as Tokens.List} />
    case 'table':
      return <MarkdownTable table={token as Tokens.Table} />
    case 'hr':
      return <hr />
    default:
      return <p>{token.raw}</p>
  }
}

function MarkdownList(props: { list: Tokens.List }) {
  const items = () => (
    <For each={props.list.items}>
      {(item) => (
        <li class={item.task ? 'task' : ''}>
          <Show when={item.task}>
            <input type="checkbox" checked={item.checked ?? false} disabled />
          </Show>
          <Blocks tokens={item.tokens.filter((token) => (token.type as string) !== 'checkbox')} />
        </li>
      )}
    </For>
  )
  return (
    <Show when={props.list.ordered} fallback={<ul>{items()}</ul>}>
      <ol start={Number(props.list.start) || 1}>{items()}</ol>
    </Show>
  )
}

function MarkdownTable(props: { table: Tokens.Table }) {
  return (
    <section class="table" tabindex="0" aria-label="Table">
      <table>
        <thead>
          <tr>
            <For each={props.table.header}>
              {(cell, at) => (
                <th class={props.table.align[at()] ?? ''}>
                  <Inline tokens={cell.tokens} />
                </th>
              )}
            </For>
          </tr>
        </thead>
        <tbody>
          <For each={props.table.rows}>
            {(row) => (
              <tr>
                <For each={row}>
                  {(cell, at) => (
                    <td class={props.table.align[at()] ?? ''}>
                      <Inline tokens={cell.tokens} />
                    </td>
                  )}
                </For>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </section>
  )
}
