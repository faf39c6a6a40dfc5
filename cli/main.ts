import { Command } from 'commander'
import { addBackfill } from './commands/backfill.ts'
import { addBench } from './commands/bench.ts'
import { addDemo } from './commands/demo.ts'
import { addForecast } from './commands/forecast.ts'
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
import { describeError } from './terminal/until-interrupted.ts'

const program = new Command('velocast')
  .description('Forecasts of bikes and docks for every station of a bike-share system')
  .version('0.1.0')
  .showHelpAfterError()
  // `rollback --version 2` is about the model's version, not this program's.
  .enablePositionalOptions()

for (const add of [
  addDemo,
  addStart,
  addSystemCommands,
  addForecast,
  addTrain,
  addModels,
  addPromote,
  addBackfill,
  addReplay,
  addRedrive,
  addQuality,
  addStack,
  addSetup,
  addBench,
])
  add(program)

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`)
  process.exitCode = 1
}
