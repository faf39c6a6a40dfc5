import { topics } from '@velocast/schemas'
import { defineTopicTable } from './topic-table.ts'

export const feedPolls = defineTopicTable({
  topic: topics.feedPolls,
  table: 'feed_polls',
  columns: [
    { name: 'system_id', type: 'text' },
    { name: 'feed', type: 'text' },
    { name: 'polled_at', type: 'timestamptz' },
    { name: 'feed_updated_at', type: 'timestamptz' },
    { name: 'outcome', type: 'text' },
    { name: 'stations', type: 'integer' },
    { name: 'published', type: 'integer' },
    { name: 'rejected', type: 'integer' },
    { name: 'missing_stations', type: 'text[]' },
    { name: 'latency_ms', type: 'double' },
    { name: 'detail', type: 'text' },
    { name: 'oddity_rules', type: 'text[]' },
    { name: 'oddity_counts', type: 'integer[]' },
    { name: 'version', type: 'text' },
    { name: 'fields', type: 'text[]' },
  ],
  key: ['system_id', 'feed', 'polled_at'],
  rowsFrom: (poll) => [
    [
      poll.systemId,
      poll.feed,
      poll.polledAt,
      poll.feedUpdatedAt,
      poll.outcome,
      poll.stations,
      poll.published,
      poll.rejected,
      poll.missingStations,
      poll.latencyMs,
      poll.detail,
      poll.oddities.map(({ rule }) => rule),
      poll.oddities.map(({ count }) => count),
      poll.version,
      poll.fields,
    ],
  ],
})
