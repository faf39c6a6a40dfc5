let isSilenced = false

/**
 * kafkajs computes time-outs that lie in the past, and Node warns of each (kafkajs #1751). Nothing is wrong then, and
 * nothing can be done: this one warning is dropped, by its name, and all others pass.
 */
export const silenceNegativeTimeouts = (): void => {
  if (isSilenced) return
  isSilenced = true
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    if (rest[0] === 'TimeoutNegativeWarning') return
    emitWarning(warning, ...rest)
  }
}
