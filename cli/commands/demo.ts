import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import type { DemoOptions } from '../demo/demo-options.ts'
import { terminalProgress } from '../terminal/terminal-progress.ts'
import { untilInterrupted } from '../terminal/until-interrupted.ts'

const wholeNumber = (text: string): number => {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('a whole number is wanted')
  return value
}

export const addDemo = (program: Command): void => {
  program
    .command('demo')
    .description('everything from a bare checkout to a forecast, on a simulated city or a recording')
    .option('--stations <n>', 'stations of the simulated city', wholeNumber, 60)
    .option('--seed <n>', 'decides all that is random in the city', wholeNumber, 1)
    .option('--history-days <n>', 'history that is fed in first', wholeNumber, 35)
    .option('--data <folder>', 'play recorded snapshots instead of the simulated city')
    .option('--poll-every <seconds>', 'pace of the live polls', wholeNumber, 5)
    .option('--max-rows <n>', 'rows to train on at most', wholeNumber, 30_000)
    .option('--trees <n>', 'trees of each output at most; an installation has 300', wholeNumber, 60)
    .option('--api-port <port>', 'where the API listens', wholeNumber, 8000)
    .option('--simulator-port <port>', 'where the simulated feeds listen', wholeNumber, 8090)
    .option('--exit', 'end after the second model, with 0, or non-zero and the reason', false)
    .action(async (given) => {
      const { runDemo } = await import('../demo/run-demo.ts')
      const { pollEvery, data, ...rest } = given
      const options: DemoOptions = { ...rest, pollEverySeconds: pollEvery, data: data ? resolve(data) : null }
      await untilInterrupted((context) => runDemo({ options, progress: terminalProgress(), ...context }))
    })
}
