import type { Command } from 'commander'

interface ModelEvent {
  happened_at: number
  event: string
  model_name: string
  model_version: string
  replica_id: string
  reason: string | null
  detail: string | null
}

export const addModels = (program: Command): void => {
  program
    .command('models')
    .description('what was promoted, activated and refused, newest first')
    .option('--system <id>', 'the system; needed when several are followed')
    .option('--limit <n>', 'how many events', '20')
    .option('--json', 'for scripts')
    .action(async ({ system: wanted, limit, json }) => {
      const { serviceEnvironment, serversIn } = await import('../setup/service-environment.ts')
      const { withDatabase } = await import('../setup/connect.ts')
      const { chooseSystem } = await import('../systems/choose-system.ts')
      const env = await serviceEnvironment()
      const { systemId } = chooseSystem(env.SYSTEMS_FILE!, wanted)
      const events = await withDatabase(serversIn(env).DATABASE_URL, async (database) => {
        const { rows } = await database.query<ModelEvent>(
          `select happened_at, event, model_name, model_version, replica_id, reason, detail from model_events
           where system_id = $1 order by happened_at desc limit $2`,
          [systemId, Math.max(1, Math.floor(Number(limit)) || 20)],
        )
        return rows
      })
      if (json) process.stdout.write(`${JSON.stringify(events)}\n`)
      else for (const event of events) process.stdout.write(`${describe(event)}\n`)
      if (!json && events.length === 0)
        process.stdout.write('none yet: `velocast train` asks for the first\n')
    })

  const byVersion = (name: 'promote' | 'rollback', description: string): void => {
    program
      .command(name)
      .description(description)
      .requiredOption('--version <n>', 'the registered version')
      .option('--system <id>', 'the system; needed when several are followed')
      .option('--by <name>', 'who asks', process.env.USER ?? 'a person')
      .option('--reason <text>', 'what for')
      .action(async ({ version, system: wanted, by, reason }) => {
        const { createMlflowStages, promoteVersion } = await import('@velocast/training')
        const { systemClock } = await import('@velocast/runtime')
        const { serviceEnvironment, serversIn } = await import('../setup/service-environment.ts')
        const { connectToKafka } = await import('../setup/connect.ts')
        const { chooseSystem } = await import('../systems/choose-system.ts')
        const { CommandError, untilInterrupted } = await import('../terminal/until-interrupted.ts')

        await untilInterrupted(async ({ defer, signal }) => {
          const env = await serviceEnvironment()
          const { systemId, modelName } = chooseSystem(env.SYSTEMS_FILE!, wanted)
          const mlflowUrl = serversIn(env).MLFLOW_TRACKING_URI
          const kafka = connectToKafka(env)
          defer(() => kafka.close())
          const result = await promoteVersion({
            kafka,
            stages: createMlflowStages(mlflowUrl, fetch),
            mlflowUrl,
            clock: systemClock,
            systemId,
            modelName,
            modelVersion: version,
            reason: `${name} by ${by}${reason ? `: ${reason}` : ''}`,
            signal,
          })
          if (result.outcome === 'refused') throw new CommandError(result.detail)
          const { modelVersion, previousVersion } = result.promotion
          process.stdout.write(
            result.outcome === 'promoted'
              ? `version ${modelVersion} of ${modelName} is promoted; before it was ${previousVersion ?? 'none'}\n`
              : `version ${modelVersion} of ${modelName} serves already\n`,
          )
        })
      })
  }
  byVersion('promote', 'make a registered version the one that serves')
  byVersion('rollback', 'the same, said of an older version; itself undone by another')
}

const describe = ({
  happened_at,
  event,
  model_name,
  model_version,
  replica_id,
  reason,
  detail,
}: ModelEvent): string =>
  [
    new Date(happened_at).toISOString(),
    event.padEnd(9),
    `${model_name} ${model_version}`,
    replica_id ? `by ${replica_id}` : '',
    [reason, detail].filter(Boolean).join(': '),
  ]
    .filter(Boolean)
    .join('  ')
