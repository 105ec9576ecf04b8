import { createContext, useContext } from 'solid-js'
import type { StoryStep } from '../../state/command-stories.ts'
import type { TranscriptStore } from '../../state/transcript-store.ts'

const TranscriptContext = createContext<TranscriptStore>()
export const TranscriptProvider = TranscriptContext.Provider

/** The transcript one stands in; only inside a session's. */
export function useTranscript(): TranscriptStore {
  const store = useContext(TranscriptContext)
  if (!store) throw new TypeError('useTranscript outside of a session')
  return store
}

/** What the session's events tell of a command. */
export function useStory(): (commandId: string) => readonly StoryStep[] {
  const store = useTranscript()
  return (commandId) => store.stories().get(commandId) ?? []
}
