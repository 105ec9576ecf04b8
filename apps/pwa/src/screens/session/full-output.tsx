import { copyText } from '../../platform/clipboard.ts'
import { Actions, Button } from '../../ui/button.tsx'
import { OutputView } from '../../ui/output/output-view.tsx'
import { Sheet } from '../../ui/sheet.tsx'

/** All a call printed, on a sheet of its own. */
export function FullOutput(props: {
  title: string
  text: string
  cutChars?: number | undefined
  onDismiss: () => void
}) {
  return (
    <Sheet
      tall
      labelledBy="output-title"
      onDismiss={props.onDismiss}
      head={
        <h2 class="sheet-ask mono clip" id="output-title">
          {props.title}
        </h2>
      }
      foot={
        <Actions>
          <Button big onClick={() => copyText(props.text)}>
            Copy
          </Button>
          <Button big onClick={() => props.onDismiss()}>
            Close
          </Button>
        </Actions>
      }
    >
      <OutputView text={props.text} cutChars={props.cutChars} whole />
    </Sheet>
  )
}
