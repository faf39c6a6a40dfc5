import type { Command } from 'commander'
import type { ModelEvent } from '../models/read-model-events.ts'

export const addModels = (program: Command): void => {
  program
    .command('models')
    .description('which model served when and why, newest first; the one that serves is marked')
    .option('--system <id>', 'the system; needed when several are followed')
    .option('--at <time>', 'ISO 8601: what was live at that moment, by whom and on what evidence')
    .option('--events', 'what was promoted, activated and refused, one by one', false)
    .option('--limit <n>', 'how many models or events', '20')
    .option('--json', 'for scripts')
    .action(async ({ system: wanted, at: atText, events: wantsEvents, limit: limitText, json }) => {
      const { serviceEnvironment, serversIn } = await import('../setup/service-environment.ts')
      const { withDatabase } = await import('../setup/connect.ts')
      const { chooseSystem } = await import('../systems/choose-system.ts')
      const { momentIn } = await import('../backfill/run-backfill.ts')
      const { replicasAt, termAt, termsOf } = await import('../models/model-terms.ts')
      const { readAnswers, readModelEvents, readPromotions } = await import('../models/read-model-events.ts')
      const { presentMoment, presentTerms } = await import('../terminal/present-models.ts')

      const at = momentIn(atText)
      const limit = Math.max(1, Math.floor(Number(limitText)) || 20)
      const env = await serviceEnvironment()
      const { systemId } = chooseSystem(env.SYSTEMS_FILE!, wanted)
      const print = (content: unknown, lines: readonly string[]): void => {
        process.stdout.write(`${json ? JSON.stringify(content) : lines.join('\n')}\n`)
      }
      await withDatabase(serversIn(env).DATABASE_URL, async (database) => {
        if (wantsEvents) {
          const events = await readModelEvents(database, systemId, limit)
          return print(events, events.length > 0 ? events.map(describeEvent) : ['none yet'])
        }
        const terms = termsOf(await readPromotions(database, systemId), await readAnswers(database, systemId))
        if (at === undefined) return print(terms.toReversed().slice(0, limit), presentTerms(terms, limit))
        print(
          { systemId, at, live: termAt(terms, at), replicas: replicasAt(terms, at) },
          presentMoment(systemId, terms, at),
        )
      })
    })
}

const describeEvent = (event: ModelEvent): string =>
  [
    new Date(event.happened_at).toISOString(),
    event.event.padEnd(9),
    `${event.model_name} ${event.model_version}`,
    event.replica_id ? `by ${event.replica_id}` : '',
    [event.reason, event.detail].filter(Boolean).join(': '),
  ]
    .filter(Boolean)
    .join('  ')
