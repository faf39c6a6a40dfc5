import type { Command } from 'commander'

interface PromotionOptions {
  version?: string
  to?: string
  system?: string
  by: string
  reason?: string
}

export const addPromote = (program: Command): void => {
  withCommonOptions(program.command('promote').description('make a registered version the one that serves'))
    .requiredOption('--version <n>', 'the registered version')
    .action((options: PromotionOptions) => promote('promote', options))

  withCommonOptions(
    program
      .command('rollback')
      .description(
        'make an earlier version serve again: the one before, unless another is named. It is a promotion too, and a second rollback undoes it',
      ),
  )
    .option('--version <n>', 'this version')
    .option('--to <time>', 'ISO 8601: the version that was live at that moment')
    .action((options: PromotionOptions) => promote('rollback', options))
}

const withCommonOptions = (command: Command): Command =>
  command
    .option('--system <id>', 'the system; needed when several are followed')
    .option('--by <name>', 'who asks', process.env.USER ?? 'a person')
    .option('--reason <text>', 'what for')

const promote = async (name: 'promote' | 'rollback', options: PromotionOptions): Promise<void> => {
  const { createMlflowStages, promoteVersion } = await import('@velocast/promotion')
  const { systemClock } = await import('@velocast/runtime')
  const { momentIn } = await import('../backfill/run-backfill.ts')
  const { findRollback } = await import('../models/find-rollback.ts')
  const { serviceEnvironment, serversIn } = await import('../setup/service-environment.ts')
  const { connectToKafka } = await import('../setup/connect.ts')
  const { chooseSystem } = await import('../systems/choose-system.ts')
  const { EXIT } = await import('../terminal/exit-code.ts')
  const { CommandError, untilInterrupted } = await import('../terminal/until-interrupted.ts')

  await untilInterrupted(async ({ defer, signal }) => {
    const to = momentIn(options.to)
    if (to !== undefined && options.version !== undefined)
      throw new CommandError('--version names one version and --to another: give one of them')
    const env = await serviceEnvironment()
    const system = chooseSystem(env.SYSTEMS_FILE!, options.system)
    const { systemId, modelName } = system
    const { MLFLOW_TRACKING_URI: mlflowUrl, DATABASE_URL: databaseUrl } = serversIn(env)
    const kafka = connectToKafka(env)
    defer(() => kafka.close())
    const modelVersion =
      options.version ?? (await findRollback({ kafka, databaseUrl, system, to: to ?? null, signal }))
    const what = to === undefined ? name : `${name} to what was live at ${new Date(to).toISOString()}`
    const result = await promoteVersion({
      kafka,
      stages: createMlflowStages(mlflowUrl, fetch),
      mlflowUrl,
      clock: systemClock,
      systemId,
      modelName,
      modelVersion,
      reason: `${what}, by ${options.by}${options.reason ? `: ${options.reason}` : ''}`,
      signal,
    })
    if (result.outcome === 'refused') throw new CommandError(result.detail, EXIT.no)
    const { previousVersion } = result.promotion
    process.stdout.write(
      result.outcome === 'promoted'
        ? `version ${modelVersion} of ${modelName} is promoted; before it was ${previousVersion ?? 'none'}\n`
        : `version ${modelVersion} of ${modelName} serves already\n`,
    )
  })
}
