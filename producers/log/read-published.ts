/** After a start, what has been published already is read from the topics themselves: the log is the truth. */
import { type KafkaClient, readToTheEnd } from '@velocast/kafka'
import { type FeedPoll, type StationInformation, type TrainingTrigger, topics } from '@velocast/schemas'
import { localDateOf } from '../triggers/daily-training.ts'

export type StationsBySystem = ReadonlyMap<string, ReadonlyMap<string, StationInformation>>

/** Every station of the systems, as last published. */
export const readPublishedStations = async (
  kafka: KafkaClient,
  systemIds: readonly string[],
  signal?: AbortSignal,
): Promise<StationsBySystem> => {
  const systems = new Map(systemIds.map((systemId) => [systemId, new Map<string, StationInformation>()]))
  await readToTheEnd(
    kafka,
    {
      topics: [topics.stationInformation],
      from: 'beginning',
      systemIds,
      onRecords: (records) => {
        for (const { value } of records) systems.get(value.systemId)?.set(value.stationId, value)
      },
    },
    signal,
  )
  return systems
}

/** Hands over every poll of the systems since a moment, in the log's order. */
export const readPolls = (
  kafka: KafkaClient,
  {
    systemIds,
    since,
    onPoll,
  }: { systemIds: readonly string[]; since: number; onPoll: (poll: FeedPoll) => void },
  signal?: AbortSignal,
): Promise<void> => {
  const wanted = new Set(systemIds)
  return readToTheEnd(
    kafka,
    {
      topics: [topics.feedPolls],
      from: { atMs: since },
      systemIds,
      onRecords: (records) => {
        for (const { value } of records) if (wanted.has(value.systemId)) onPoll(value)
      },
    },
    signal,
  )
}

/** The newest poll of each feed, by the time of the poll. */
export const newestPolls = (): {
  add: (poll: FeedPoll) => void
  of: (systemId: string, feed: string) => FeedPoll | null
} => {
  const newest = new Map<string, FeedPoll>()
  return {
    add: (poll) => {
      const key = `${poll.systemId}/${poll.feed}`
      const known = newest.get(key)
      if (!known || poll.polledAt >= known.polledAt) newest.set(key, poll)
    },
    of: (systemId, feed) => newest.get(`${systemId}/${feed}`) ?? null,
  }
}

/** The local date of each system's newest daily trigger. */
export const readTriggeredDates = async (
  kafka: KafkaClient,
  systemIds: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  const dates = new Map<string, string>()
  const note = (trigger: TrainingTrigger): void => {
    const date = localDateOf(trigger)
    const known = dates.get(trigger.systemId)
    if (date !== null && (known === undefined || date > known)) dates.set(trigger.systemId, date)
  }
  await readToTheEnd(
    kafka,
    {
      topics: [topics.trainingTriggers],
      from: 'beginning',
      systemIds,
      onRecords: (records) => {
        for (const { value } of records) note(value)
      },
    },
    signal,
  )
  return dates
}
