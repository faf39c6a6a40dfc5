import type { Command } from 'commander'

export const addTrain = (program: Command): void => {
  program
    .command('train')
    .description('ask for a training; the running training service takes it up')
    .option('--system <id>', 'the system; needed when several are followed')
    .option('--always', 'promote the model whatever the comparison with the present one says', false)
    .option('--by <name>', 'who asks', process.env.USER ?? 'a person')
    .option('--no-wait', 'do not wait for what becomes of it')
    .action(async ({ system: wanted, always, by, wait }) => {
      const { serviceEnvironment } = await import('../setup/service-environment.ts')
      const { connectToKafka } = await import('../setup/connect.ts')
      const { requestTraining } = await import('../training/request-training.ts')
      const { watchModels } = await import('../training/watch-models.ts')
      const { untilInterrupted } = await import('../terminal/until-interrupted.ts')
      const { terminalProgress } = await import('../terminal/terminal-progress.ts')
      const { systemClock } = await import('@velocast/runtime')
      const { chooseSystem } = await import('../systems/choose-system.ts')

      await untilInterrupted(async ({ defer }) => {
        const env = await serviceEnvironment()
        const system = chooseSystem(env.SYSTEMS_FILE!, wanted)
        const kafka = connectToKafka(env)
        defer(() => kafka.close())
        const models = await watchModels(kafka, system.systemId)
        defer(() => models.stop())
        const triggeredAt = systemClock.now()
        const triggerId = await requestTraining(kafka, {
          systemId: system.systemId,
          label: 'manual',
          triggeredAt,
          policy: always ? 'ALWAYS' : 'IF_BETTER',
          requestedBy: by,
        })
        if (!wait) {
          process.stdout.write(`${triggerId}\n`)
          return
        }
        const outcome = await terminalProgress().step(`Training ${triggerId}`, () =>
          models.outcomeOf(triggerId),
        )
        process.stdout.write(
          outcome.kind === 'activated'
            ? `version ${outcome.promoted.modelVersion} serves: ${outcome.promoted.reason}\n`
            : `not promoted: ${outcome.detail}\n`,
        )
      })
    })
}
