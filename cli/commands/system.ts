import { type Command, InvalidArgumentError } from 'commander'
import { EXIT } from '../terminal/exit-code.ts'
import { CommandError } from '../terminal/until-interrupted.ts'

interface KeyOptions {
  keyVariable?: string
  keyHeader?: string
  keyQuery?: string
}

export const addSystemCommands = (program: Command): void => {
  const system = program.command('system').description('the operators that are followed')

  withKeyOptions(
    system
      .command('add <address>')
      .description(
        'follow an operator: the address of its gbfs.json; running services take it up when they are started again',
      )
      .option('--id <id>', 'system_id, where the feed names none that can be used')
      .option('--time-zone <zone>', 'IANA time zone, where the feed names none')
      .option('--country <code>', 'ISO 3166-1 alpha-2, where the time zone does not tell')
      .option('--region <code>', "the country's region, for regional holidays")
      .option('--latitude <degrees>', 'of the middle of town, where no station has a position', degrees(90))
      .option('--longitude <degrees>', 'likewise', degrees(180))
      .option('--language <tag>', 'of names, where the feed has several'),
  ).action(async (address, { id, timeZone, country, region, language, latitude, longitude, ...key }) => {
    const { addSystem } = await import('../systems/systems-file.ts')
    const position = positionFrom(latitude, longitude)
    const hints = { systemId: id, timeZone, country, region, language, position, gbfsKey: keyFrom(key) }
    process.stdout.write(`${await addSystem(await systemsFile(), address, hints)}\n`)
  })

  withKeyOptions(
    system
      .command('check <address>')
      .description(
        'what an operator publishes, what is odd about it, and whether it can be followed (exit code 1 when not): the ' +
          'address of a gbfs.json or a station_status, or a file or folder of saved ones',
      )
      .option('--language <tag>', 'of names and feeds, where there are several')
      .option('--json', 'for scripts'),
  ).action(async (address, { json, language, ...key }) => {
    const { checkSystem } = await import('../systems/check-system.ts')
    const { checkAsJson, presentCheck } = await import('../systems/present-check.ts')
    const checked = await checkSystem(address, { language, gbfsKey: keyFrom(key), env: process.env })
    if (json) process.stdout.write(`${JSON.stringify(checkAsJson(checked))}\n`)
    else process.stdout.write(`${presentCheck(checked, address, Date.now()).join('\n')}\n`)
    if (!checked.check.isFollowable) process.exitCode = EXIT.no
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

const degrees =
  (most: number) =>
  (text: string): number => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!(Math.abs(value) <= most))
      throw new InvalidArgumentError(`degrees from -${most} to ${most} are wanted`)
    return value
  }

const positionFrom = (latitude: number | undefined, longitude: number | undefined) => {
  if (latitude === undefined && longitude === undefined) return undefined
  if (latitude === undefined || longitude === undefined)
    throw new CommandError('a position is both: --latitude and --longitude')
  return { latitude, longitude }
}

const withKeyOptions = (command: Command): Command =>
  command
    .option('--key-variable <name>', 'the environment variable that holds the key to the feed')
    .option('--key-header <name>', 'the header that the key is sent in')
    .option('--key-query <name>', 'or the parameter of the query')

const keyFrom = ({ keyVariable, keyHeader, keyQuery }: KeyOptions) => {
  if (keyVariable === undefined) return undefined
  if ((keyHeader === undefined) === (keyQuery === undefined))
    throw new CommandError('say how the key is sent: with --key-header or with --key-query')
  return {
    variable: keyVariable,
    ...(keyHeader === undefined ? {} : { header: keyHeader }),
    ...(keyQuery === undefined ? {} : { query: keyQuery }),
  }
}

const systemsFile = async (): Promise<string> => {
  const { dataFolder } = await import('../folders.ts')
  return process.env.SYSTEMS_FILE ?? `${dataFolder}/systems.json`
}
