import { runCommandLine } from './command-line.ts'
import { EXIT, exitCodeOf } from './terminal/exit-code.ts'
import { describeError } from './terminal/until-interrupted.ts'

process.on('uncaughtException', (error: NodeJS.ErrnoException) => {
  // Whoever reads our output, as `head` does, has read enough.
  if (error.code === 'EPIPE') process.exit(EXIT.done)
  process.stderr.write(`${describeError(error)}\n`)
  process.exit(exitCodeOf(error))
})

await runCommandLine(process.argv.slice(2))
