import { Command } from 'commander'
import { addDemo } from './commands/demo.ts'
import { addStack } from './commands/stack.ts'

const program = new Command('velocast')
  .description('Forecasts of bikes and docks for every station of a bike-share system')
  .version('0.1.0')
  .showHelpAfterError()

for (const add of [addDemo, addStack]) add(program)
await program.parseAsync()
