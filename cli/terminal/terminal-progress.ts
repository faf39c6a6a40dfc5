import { createProgress, type Progress } from './progress.ts'

/** Commands whose standard output is for programs show their progress on standard error. */
export const terminalProgress = (stream: NodeJS.WriteStream = process.stdout): Progress =>
  createProgress(
    {
      write: (text) => stream.write(text),
      isTerminal: stream.isTTY === true,
      columns: stream.columns ?? 120,
    },
    () => performance.now(),
  )
