import type { Log } from '@velocast/runtime'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { PollReport, RunResult } from './job.ts'

export interface Telemetry {
  jobEnded: (systemId: string, job: string, result: RunResult<unknown>) => void
}

/** One function an event: a log line and the metrics together. */
export const createTelemetry = (log: Log, registry: Registry): Telemetry => {
  const registers = [registry]
  const polls = new Counter({
    name: 'velocast_feed_polls_total',
    help: 'Polls of a feed by outcome; a failed one says why',
    labelNames: ['system', 'feed', 'outcome', 'failure'],
    registers,
  })
  const published = new Counter({
    name: 'velocast_records_published_total',
    help: 'Records published by a job',
    labelNames: ['system', 'job'],
    registers,
  })
  const rejected = new Counter({
    name: 'velocast_stations_rejected_total',
    help: 'Entries of a feed whose values cannot be true, by rule',
    labelNames: ['system', 'feed', 'rule'],
    registers,
  })
  const oddities = new Counter({
    name: 'velocast_feed_oddities_total',
    help: 'What a feed does differently from its specification and is understood all the same',
    labelNames: ['system', 'feed', 'oddity'],
    registers,
  })
  const latency = new Histogram({
    name: 'velocast_feed_latency_seconds',
    help: 'From the request to the parsed document',
    labelNames: ['system', 'feed'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 45],
    registers,
  })
  const updatedAt = new Gauge({
    name: 'velocast_feed_updated_at_seconds',
    help: 'What the feed says of its own time, epoch seconds',
    labelNames: ['system', 'feed'],
    registers,
  })

  const pollEnded = ({ poll, failure, rejected: rejections }: PollReport): void => {
    const { systemId: system, feed, outcome, feedUpdatedAt } = poll
    polls.inc({ system, feed, outcome, failure: failure ?? '' })
    if (failure === null) latency.observe({ system, feed }, poll.latencyMs / 1000)
    if (feedUpdatedAt !== null) updatedAt.set({ system, feed }, feedUpdatedAt / 1000)
    for (const { rule } of rejections) rejected.inc({ system, feed, rule })
    for (const { rule, count } of poll.oddities) oddities.inc({ system, feed, oddity: rule }, count)
    const figures = { system, feed, outcome, stations: poll.stations, published: poll.published }
    if (failure !== null) log.warn({ ...figures, failure, detail: poll.detail }, 'poll failed')
    else if (rejections.length > 0)
      log.warn({ ...figures, rejected: rejections.slice(0, 5), of: rejections.length }, 'stations rejected')
    else log.debug({ ...figures, latencyMs: poll.latencyMs }, 'polled')
  }

  return {
    jobEnded: (systemId, job, result) => {
      published.inc({ system: systemId, job }, result.published)
      for (const report of result.reports) pollEnded(report)
      if (job === 'training' && result.published > 0) log.info({ system: systemId }, 'training asked for')
    },
  }
}
