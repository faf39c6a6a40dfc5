import type { Command } from 'commander'

const DAY_MS = 24 * 60 * 60 * 1000

export const addBackfill = (program: Command): void => {
  program
    .command('backfill')
    .description(
      'history in, from a feed that answers for past moments (the simulator, a recording that is played)',
    )
    .option('--system <id>', 'the system; needed when several are followed')
    .option('--from <time>', 'ISO 8601; 35 days ago by default')
    .option('--to <time>', 'ISO 8601; now by default')
    .action(async ({ system: wanted, from, to }) => {
      const { backfillPolls } = await import('@velocast/producers')
      const { systemClock } = await import('@velocast/runtime')
      const { chooseSystem } = await import('../systems/choose-system.ts')
      const { serviceEnvironment } = await import('../setup/service-environment.ts')
      const { connectToKafka } = await import('../setup/connect.ts')
      const { CommandError, untilInterrupted } = await import('../terminal/until-interrupted.ts')
      const { terminalProgress } = await import('../terminal/terminal-progress.ts')
      const moment = (text: string | undefined, otherwise: number): number => {
        const at = text === undefined ? otherwise : Date.parse(text)
        if (Number.isNaN(at)) throw new CommandError(`${text} is not a time such as 2026-11-01T00:00:00Z`)
        return at
      }

      await untilInterrupted(async ({ defer, signal }) => {
        const env = await serviceEnvironment()
        const system = chooseSystem(env.SYSTEMS_FILE!, wanted)
        const now = systemClock.now()
        const kafka = connectToKafka(env)
        defer(() => kafka.close())
        const result = await terminalProgress().step(`History of ${system.systemId}`, (step) =>
          backfillPolls({
            system,
            from: moment(from, now - 35 * DAY_MS),
            to: moment(to, now),
            kafka,
            fetch,
            clock: systemClock,
            env: process.env,
            onProgress: ({ done, of, published }) =>
              step.at(done / Math.max(1, of), `${published} observations`),
            signal,
          }),
        )
        process.stdout.write(
          `${result.published} records published from ${result.polls} polls, ${result.failed} of which failed; ${result.resumed} polls were there already\n`,
        )
      })
    })
}
