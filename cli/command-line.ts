import { Command, CommanderError } from 'commander'
import { addBackfill } from './commands/backfill.ts'
import { addBacktest } from './commands/backtest.ts'
import { addBench } from './commands/bench.ts'
import { addDemo } from './commands/demo.ts'
import { addForecast } from './commands/forecast.ts'
import { addKeys } from './commands/keys.ts'
import { addModels } from './commands/models.ts'
import { addPromote } from './commands/promote.ts'
import { addQuality } from './commands/quality.ts'
import { addRedrive } from './commands/redrive.ts'
import { addReplay } from './commands/replay.ts'
import { addSetup } from './commands/setup.ts'
import { addStack } from './commands/stack.ts'
import { addStart } from './commands/start.ts'
import { addSystemCommands } from './commands/system.ts'
import { addTrain } from './commands/train.ts'
import { EXIT_CODES_HELP, exitCodeOf } from './terminal/exit-code.ts'
import { describeError } from './terminal/until-interrupted.ts'

const createProgram = (): Command => {
  const program = new Command('velocast')
    .description('Forecasts of bikes and docks for every station of a bike-share system')
    .version('0.1.0')
    .showHelpAfterError()
    // `rollback --version 2` is about the model's version, not this program's.
    .enablePositionalOptions()
    .addHelpText('after', EXIT_CODES_HELP)
    // Commands that are added take it over: no mistake on the command line ends the process from within.
    .exitOverride()

  for (const add of [
    addDemo,
    addStart,
    addSystemCommands,
    addForecast,
    addTrain,
    addModels,
    addPromote,
    addKeys,
    addBackfill,
    addBacktest,
    addReplay,
    addRedrive,
    addQuality,
    addStack,
    addSetup,
    addBench,
  ])
    add(program)
  return program
}

/** Does what the words after `velocast` ask for; what went wrong goes to standard error, and the exit code to `process.exitCode`. */
export const runCommandLine = async (words: readonly string[]): Promise<void> => {
  try {
    await createProgram().parseAsync(words, { from: 'user' })
  } catch (error) {
    // Commander has said already what the mistake is.
    if (!(error instanceof CommanderError)) process.stderr.write(`${describeError(error)}\n`)
    process.exitCode = exitCodeOf(error)
  }
}
