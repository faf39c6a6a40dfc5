import { EXIT, type ExitCode, exitCodeOf } from './exit-code.ts'

export interface Interruptible {
  /** Undone last-in-first-out at the end, however it comes. */
  defer: (release: () => Promise<void>) => void
  signal: AbortSignal
}

/** Ends the command with a message and no stack trace: for what a person can mend. A mistake of theirs, unless another code says. */
export class CommandError extends Error {
  override name = 'CommandError'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = EXIT.mistake) {
    super(message)
    this.exitCode = exitCode
  }
}

/**
 * Does `work` until it is done or interrupted (Ctrl-C, SIGTERM), and then undoes what was deferred. The exit code is 0
 * when it was done or stopped as asked while it was only waiting, 130 when interrupted on the way, else that of the error.
 */
export const untilInterrupted = async (work: (context: Interruptible) => Promise<void>): Promise<void> => {
  const interrupt = new AbortController()
  const releases: (() => Promise<void>)[] = []
  const onSignal = (): void => {
    if (interrupt.signal.aborted) return
    process.stderr.write('\nstopping …\n')
    interrupt.abort(new CommandError('interrupted'))
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  try {
    await work({ defer: (release) => releases.push(release), signal: interrupt.signal })
  } catch (error) {
    process.exitCode = interrupt.signal.aborted ? EXIT.interrupted : exitCodeOf(error)
    if (!interrupt.signal.aborted) process.stderr.write(`${describeError(error)}\n`)
  } finally {
    for (let release = releases.pop(); release; release = releases.pop())
      await release().catch((error) => process.stderr.write(`${describeError(error)}\n`))
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

/** The message alone; with VELOCAST_DEBUG, where it comes from. */
export const describeError = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return process.env.VELOCAST_DEBUG ? (error.stack ?? error.message) : error.message
}
