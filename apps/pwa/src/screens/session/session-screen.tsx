export function SessionScreen(props: { sessionId: string }) {
  return <p>{props.sessionId}</p>
}
