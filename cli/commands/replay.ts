import type { ReplaySource } from '@velocast/replay'
import type { Command } from 'commander'
import { EXIT } from '../terminal/exit-code.ts'

const NEITHER = `say what becomes of the vectors:
  --compare  beside those in the table: what differs, and where; changes nothing
  --write    into the table, over what is there`

export const addReplay = (program: Command): void => {
  program
    .command('replay')
    .description(
      'compute the features of a time again, by the code and in the order in which they were computed live; live state and topics are left alone',
    )
    .option('--system <id>', 'the system; needed when several are followed')
    .requiredOption('--from <time>', 'ISO 8601: what became known from then on')
    .option('--to <time>', 'ISO 8601: to before then; now by default, or where an interrupted one was to end')
    .option('--compare', 'with the table: exit code 0 when nothing differs, 1 when something does', false)
    .option('--write', 'into the table; when it is interrupted, the same command goes on', false)
    .option(
      '--source <source>',
      'log: what was computed live, from the log alone; table: all that is known by now, in the order of its polls; auto: the log as far back as it goes, before that the table',
      'auto',
    )
    .option('--rate <rows>', 'rows written a second at most, or max', '25000')
    .option('--json', 'the report as a line of JSON, progress on standard error', false)
    .action(async ({ system: wanted, from, to, compare, write, source, rate, json }) => {
      const { CommandError, untilInterrupted } = await import('../terminal/until-interrupted.ts')
      if (compare === write) throw new CommandError(NEITHER)
      const { openDatabase } = await import('@velocast/db')
      const { hasDifference } = await import('@velocast/replay')
      const { ConfigError, systemClock } = await import('@velocast/runtime')
      const { readRate, readSource, readWindow, replayDatabase, runReplay } = await import(
        '@velocast/stream-processors/replay'
      )
      const { commandLog, connectToKafka } = await import('../setup/connect.ts')
      const { serversIn, serviceEnvironment } = await import('../setup/service-environment.ts')
      const { chooseSystem } = await import('../systems/choose-system.ts')
      const { presentReplay } = await import('../terminal/present-replay.ts')
      const { terminalProgress } = await import('../terminal/terminal-progress.ts')

      let asked: ReturnType<typeof readWindow> & { source: ReplaySource; rowsPerSecond: number }
      try {
        asked = {
          ...readWindow({ from, to }, systemClock.now()),
          source: readSource(source),
          rowsPerSecond: readRate(rate),
        }
      } catch (error) {
        throw error instanceof ConfigError ? new CommandError(error.mistakes.join('\n')) : error
      }
      await untilInterrupted(async ({ defer, signal }) => {
        const env = await serviceEnvironment()
        const system = chooseSystem(env.SYSTEMS_FILE!, wanted)
        const request = {
          mode: compare ? ('compare' as const) : ('write' as const),
          system,
          ...asked,
        }
        const kafka = connectToKafka(env)
        defer(() => kafka.close())
        const database = openDatabase({
          url: serversIn(env).DATABASE_URL,
          log: commandLog(),
          ...replayDatabase,
        })
        defer(() => database.close())
        const progress = terminalProgress(json ? process.stderr : process.stdout)
        const report = await progress.step(`Replay of ${system.systemId}`, (step) =>
          runReplay(request, {
            kafka,
            database,
            clock: systemClock,
            signal,
            onProgress: ({ share, observations, vectors, polledAt }) =>
              step.at(
                share,
                `${new Date(polledAt).toISOString().slice(0, 16)}Z, ${observations} observations, ${vectors} vectors`,
              ),
            onWait: (detail) => step.say(`waiting: ${detail}`),
          }),
        )
        if (json) process.stdout.write(`${JSON.stringify(report)}\n`)
        else for (const line of presentReplay(report)) process.stdout.write(`${line}\n`)
        if (report.comparison && hasDifference(report.comparison)) process.exitCode = EXIT.no
      })
    })
}
