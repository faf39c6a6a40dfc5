import type { Command } from 'commander'

export const addSystemCommands = (program: Command): void => {
  const system = program.command('system').description('the operators that are followed')

  system
    .command('add <address>')
    .description(
      'follow an operator: the address of its gbfs.json; running services take it up when they are started again',
    )
    .option('--id <id>', 'system_id, where the feed names none that can be used')
    .option('--time-zone <zone>', 'IANA time zone, where the feed names none')
    .option('--country <code>', 'ISO 3166-1 alpha-2, where the time zone does not tell')
    .option('--region <code>', "the country's region, for regional holidays")
    .action(async (address, { id, timeZone, country, region }) => {
      const { addSystem } = await import('../systems/systems-file.ts')
      const hints = {
        ...(id ? { systemId: id } : {}),
        ...(timeZone ? { timeZone } : {}),
        ...(country ? { country } : {}),
        ...(region ? { region } : {}),
      }
      process.stdout.write(`${await addSystem(await systemsFile(), address, hints)}\n`)
    })

  system
    .command('list')
    .description('the systems that are followed')
    .option('--json', 'for scripts')
    .action(async ({ json }) => {
      const { listSystems } = await import('../systems/systems-file.ts')
      const systems = await listSystems(await systemsFile())
      if (json) process.stdout.write(`${JSON.stringify(systems)}\n`)
      else
        for (const { systemId, name, gbfs } of systems)
          process.stdout.write(`${systemId}  ${name ?? ''}  ${gbfs}\n`)
      if (!json && systems.length === 0)
        process.stdout.write('none yet: `velocast system add <gbfs.json address>`\n')
    })
}

const systemsFile = async (): Promise<string> => {
  const { dataFolder } = await import('../folders.ts')
  return process.env.SYSTEMS_FILE ?? `${dataFolder}/systems.json`
}
