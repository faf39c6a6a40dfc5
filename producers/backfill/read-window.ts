import type { KafkaClient } from '@velocast/kafka'
import type { FeedPoll, StationInformation } from '@velocast/schemas'
import { newestPolls, readPolls, readPublishedStations } from '../log/read-published.ts'

export interface PublishedWindow {
  stations: ReadonlyMap<string, StationInformation>
  /** The moments at which a feed has been polled. */
  momentsOf: (feed: string) => Set<number>
  /** Each feed's newest poll before a moment. */
  newestBefore: (moment: number) => (feed: string) => FeedPoll | null
}

/** What the log holds of a system since a moment. */
export const readWindow = async (
  kafka: KafkaClient,
  systemId: string,
  from: number,
  signal: AbortSignal,
): Promise<PublishedWindow> => {
  const polls: FeedPoll[] = []
  const [stations] = await Promise.all([
    readPublishedStations(kafka, [systemId], signal),
    readPolls(kafka, { systemIds: [systemId], since: from, onPoll: (poll) => polls.push(poll) }, signal),
  ])
  return {
    stations: stations.get(systemId) ?? new Map(),
    momentsOf: (feed: string): Set<number> =>
      new Set(polls.filter((poll) => poll.feed === feed).map((poll) => poll.polledAt)),
    newestBefore: (moment: number): ((feed: string) => FeedPoll | null) => {
      const newest = newestPolls()
      for (const poll of polls) if (poll.polledAt < moment) newest.add(poll)
      return (feed) => newest.of(systemId, feed)
    },
  }
}
