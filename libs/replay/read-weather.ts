import { type Database, type HistoryRange, readWeather } from '@velocast/db'
import type { KafkaClient } from '@velocast/kafka'
import { topics, type WeatherObservation } from '@velocast/schemas'
import type { ReadingPlan } from './plan-reading.ts'
import { readLog } from './read-log.ts'

export interface KnownWeather {
  /** Hands over, once each, the observations that were known at a moment. */
  takeUntil: (polledAt: number, take: (observation: WeatherObservation) => void) => void
}

/**
 * All weather of a range: some thousand records, so they are held in memory. Those that are in the log and in the table
 * come twice, which changes nothing.
 */
export const readKnownWeather = async (
  { kafka, database }: { kafka: KafkaClient; database: Database },
  plan: ReadingPlan,
  range: HistoryRange,
  signal: AbortSignal,
): Promise<KnownWeather> => {
  const known: WeatherObservation[] = []
  if (plan.table)
    await database.transaction(async (session) => {
      for await (const some of readWeather(session, range)) known.push(...some)
    })
  if (plan.log) {
    const { systemId } = range
    const from = { topic: topics.weatherObservations, systemId, fromMs: range.from, signal }
    await readLog(kafka, from, async (records) => {
      for (const { value } of records) known.push(value)
      return 'more'
    })
  }
  known.sort((a, b) => a.polledAt - b.polledAt)
  let next = 0
  return {
    takeUntil(polledAt, take) {
      while (next < known.length && known[next]!.polledAt <= polledAt) take(known[next++]!)
    },
  }
}
