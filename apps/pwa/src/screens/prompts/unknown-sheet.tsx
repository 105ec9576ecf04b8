import { askLine, askWords } from '@bellhop/core'
import { Command } from '../../ui/machine-text.tsx'
import { Sheet } from '../../ui/sheet.tsx'
import { From, type PromptProps } from './prompt-parts.tsx'

/** An ask of a kind this version does not know, as it came; nothing here could answer it. [I8] */
export function UnknownSheet(props: PromptProps) {
  return (
    <Sheet
      docks
      labelledBy="unknown-title"
      onDismiss={props.onAside}
      head={
        <>
          <From session={props.session} wait={props.wait} right={props.position} />
          <h2 class="sheet-ask" id="unknown-title">
            {askWords(props.wait.ask)}
          </h2>
        </>
      }
      foot={<p class="prompt-line">{props.hindrance}</p>}
    >
      <Command text={askLine(props.wait.ask)} />
    </Sheet>
  )
}
