import { createProgress, type Progress } from './progress.ts'

export const terminalProgress = (): Progress =>
  createProgress(
    {
      write: (text) => process.stdout.write(text),
      isTerminal: process.stdout.isTTY === true,
      columns: process.stdout.columns ?? 120,
    },
    () => performance.now(),
  )
