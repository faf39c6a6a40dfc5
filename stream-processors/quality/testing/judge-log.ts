/** What the rules say of a log, without a broker: the very task that the runner drives. */
import assert from 'node:assert/strict'
import type { PartitionTask, ReceivedRecord, TopicRecord } from '@velocast/kafka'
import { parseSystems, type System } from '@velocast/runtime'
import { type Alert, type DataQuality, type FeedPoll, topics } from '@velocast/schemas'
import { qualityChecks } from '../quality-checks.ts'
import type { Rule } from '../rule.ts'
import type { QualityTelemetry } from '../telemetry.ts'

export const silentTelemetry: QualityTelemetry = {
  opened: () => {},
  judged: () => {},
  published: () => {},
  unknownSystem: () => {},
}

export interface Judged {
  results: DataQuality[]
  alerts: Alert[]
}

/** A system as the systems file has it. */
export const configOf = (systemId: string) => ({
  systemId,
  modelName: systemId,
  gbfs: 'http://127.0.0.1/gbfs.json',
  timeZone: 'Europe/Zurich',
  country: 'CH',
  latitude: 47.3,
  longitude: 8.5,
})

const city = (): System => parseSystems({ systems: [configOf('city')] }, 'a test')[0]!

export interface JudgeOptions {
  system?: System
  /** By default all that there are. */
  rules?: readonly Rule[]
  /** How many records the sides are ahead of the input, as they are when a processor has to catch up. */
  ahead?: number
  /**
   * The processor dies before each n-th poll, and another begins with what is committed: the last polls before it have
   * been published, but not committed.
   */
  dieEvery?: number
}

const UNCOMMITTED = 7

/** Judges a log of one partition, driving the task as the runner does; what it publishes comes back to it as a side. */
export const judgeLog = (
  log: readonly TopicRecord[],
  { system = city(), rules, ahead = 0, dieEvery = Number.POSITIVE_INFINITY }: JudgeOptions = {},
): Judged => {
  const records = numbered(log)
  const judged: Judged = { results: [], alerts: [] }
  /** What was committed with each poll: where its state needs the observations from. */
  const neededFrom: number[] = []
  let task = open(system, rules)
  let sides = 0
  let polls = 0

  const applySides = (upTo: number, from = 0): void => {
    for (; sides < Math.min(records.length, upTo); sides += 1) {
      const record = records[sides]!
      const isNeeded = record.topic.name !== 'station-status' || record.offset >= from
      if (record.topic.name !== 'feed-polls' && isNeeded) task.applySide(record)
    }
  }
  const startAgain = (index: number): void => {
    task = open(system, rules)
    sides = 0
    const publishFrom = Math.max(0, polls - UNCOMMITTED)
    applySides(index + ahead, neededFrom[publishFrom - 1])
    for (const alert of judged.alerts) task.applySide(numbered([{ topic: topics.alerts, value: alert }])[0]!)
    const again: DataQuality[] = []
    for (const record of records.slice(0, index))
      if (record.topic.name === 'feed-polls')
        for (const { topic, value } of task.handle([record], { publishFrom, snapshotOffset: null }).outputs) {
          assert.equal(topic.name, 'data-quality', 'an alert is not raised again')
          again.push(value)
        }
    if (again.length > 0) assert.deepEqual(again, judged.results.slice(-again.length))
  }

  for (const [index, record] of records.entries()) {
    if (record.topic.name !== 'feed-polls') continue
    if (polls > 0 && polls % dieEvery === 0) startAgain(index)
    applySides(index + 1 + ahead)
    polls += 1
    const result = task.handle([record], { publishFrom: 0, snapshotOffset: null })
    neededFrom.push(result.sidesNeededFrom?.get('station-status') ?? 0)
    for (const { topic, value } of result.outputs) {
      if (topic.name === 'data-quality') judged.results.push(value)
      else judged.alerts.push(value)
    }
  }
  return judged
}

const open = (system: System, rules?: readonly Rule[]): PartitionTask<FeedPoll> => {
  const task = qualityChecks({
    systems: [system],
    telemetry: silentTelemetry,
    ...(rules && { rules }),
  }).stage.open(0)
  task.restoreFrom(0)
  return task
}

/** The records as they are read: of one partition, with offsets by topic. */
export const numbered = (log: readonly TopicRecord[]): ReceivedRecord[] => {
  const offsets = new Map<string, number>()
  return log.map((record) => {
    const offset = offsets.get(record.topic.name) ?? 0
    offsets.set(record.topic.name, offset + 1)
    return receivedOf(record, offset)
  })
}

const receivedOf = ({ topic, value }: TopicRecord, offset: number): ReceivedRecord => ({
  topic,
  partition: 0,
  offset,
  key: topic.keyOf(value),
  value,
  eventAt: topic.timeOf(value),
  headers: {},
  raw: { key: null, value: null, headers: {} },
})
