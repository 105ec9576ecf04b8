const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Aborts at the first request to stop; a second one ends the process where it stands. */
export const stopSignal = (): Disposable & { controller: AbortController } => {
  const controller = new AbortController()
  const stop = () => {
    if (controller.signal.aborted) process.exit(1)
    controller.abort()
  }
  for (const signal of SIGNALS) process.on(signal, stop)
  return {
    controller,
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) process.off(signal, stop)
    },
  }
}
