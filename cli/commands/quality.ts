import type { Command } from 'commander'
import { EXIT } from '../terminal/exit-code.ts'

const HOUR_MS = 60 * 60 * 1000

export const addQuality = (program: Command): void => {
  program
    .command('quality')
    .description('what the quality rules say of the data: exit code 1 when something fails now')
    .option('--system <id>', 'the system; all that are followed by default')
    .option('--hours <n>', 'how far back', '24')
    .option('--json', 'for scripts')
    .action(async ({ system: wanted, hours, json }) => {
      const { loadSystems, systemClock } = await import('@velocast/runtime')
      const { failsNow, readQuality } = await import('../quality/read-quality.ts')
      const { serviceEnvironment, serversIn } = await import('../setup/service-environment.ts')
      const { withDatabase } = await import('../setup/connect.ts')
      const { chooseSystem } = await import('../systems/choose-system.ts')
      const { presentQuality } = await import('../terminal/present-quality.ts')
      const { CommandError } = await import('../terminal/until-interrupted.ts')

      const hoursBack = Number(hours)
      if (!(hoursBack > 0)) throw new CommandError(`--hours ${hours}: a number of hours above 0 is wanted`)
      const env = await serviceEnvironment()
      const systems = wanted ? [chooseSystem(env.SYSTEMS_FILE!, wanted)] : loadSystems(env.SYSTEMS_FILE!)
      const now = systemClock.now()
      const reports = await withDatabase(serversIn(env).DATABASE_URL, (database) =>
        Promise.all(
          systems.map(({ systemId }) =>
            readQuality(database, { systemId, since: now - hoursBack * HOUR_MS, now }),
          ),
        ),
      )
      const text = json
        ? JSON.stringify(reports)
        : reports.map((report) => presentQuality(report, now).join('\n')).join('\n\n')
      process.stdout.write(`${text}\n`)
      if (reports.some((report) => failsNow(report) || report.rules.length === 0)) process.exitCode = EXIT.no
    })
}
