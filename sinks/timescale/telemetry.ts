import type { Rejection } from '@velocast/kafka'
import type { Log } from '@velocast/runtime'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export interface SinkTelemetry {
  batchWritten: (event: {
    table: string
    rows: number
    changed: number
    seconds: number
    newestEventAt: number
  }) => void
  recordRejected: (table: string, rejection: Rejection) => void
}

/** `now` is the moment that lag is measured against, epoch milliseconds. */
export const createTelemetry = (metrics: Registry, log: Log, now: () => number): SinkTelemetry => {
  const registers = [metrics]
  const rowsWritten = new Counter({
    name: 'velocast_sink_rows_total',
    help: 'Rows handed to the table, known ones included.',
    labelNames: ['table'],
    registers,
  })
  const rowsChanged = new Counter({
    name: 'velocast_sink_rows_changed_total',
    help: 'Rows that were new or had another value; on a replay, what differs.',
    labelNames: ['table'],
    registers,
  })
  const batchSeconds = new Histogram({
    name: 'velocast_sink_batch_seconds',
    help: 'Time of a batch, from decoded records to a durable transaction.',
    labelNames: ['table'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const lagSeconds = new Gauge({
    name: 'velocast_sink_lag_seconds',
    help: 'Age of the newest record of the last batch when its row was there.',
    labelNames: ['table'],
    registers,
  })
  const rejections = new Counter({
    name: 'velocast_sink_rejected_total',
    help: 'Records that the database refused.',
    labelNames: ['table', 'reason'],
    registers,
  })
  return {
    batchWritten({ table, rows, changed, seconds, newestEventAt }) {
      rowsWritten.inc({ table }, rows)
      rowsChanged.inc({ table }, changed)
      batchSeconds.observe({ table }, seconds)
      lagSeconds.set({ table }, (now() - newestEventAt) / 1000)
      log.debug({ table, rows, changed, seconds }, 'batch written')
    },
    recordRejected(table, { record, reason, detail }) {
      rejections.inc({ table, reason })
      const { key, partition, offset } = record
      log.warn({ table, topic: record.topic.name, key, partition, offset, reason, detail }, 'record rejected')
    },
  }
}
