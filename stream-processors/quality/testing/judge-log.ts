/** What the rules say of a log, without a broker: the very task that the runner drives. */
import type { ReceivedRecord, TopicRecord } from '@velocast/kafka'
import { parseSystems, type System } from '@velocast/runtime'
import { type Alert, type DataQuality, topics } from '@velocast/schemas'
import { qualityChecks } from '../quality-checks.ts'
import type { QualityTelemetry } from '../telemetry.ts'

export const silentTelemetry: QualityTelemetry = {
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

/**
 * Judges a log of one partition. The sides are handed over `ahead` records before the input gets to them, as they are when
 * a processor has to catch up; what the task publishes comes back to it as a side.
 */
export const judgeLog = (
  log: readonly TopicRecord[],
  { system = city(), ahead = 0 }: { system?: System; ahead?: number } = {},
): Judged => {
  const { stage } = qualityChecks({ systems: [system], telemetry: silentTelemetry })
  const task = stage.open(0)
  const offsets = new Map<string, number>()
  const received = log.map((record): ReceivedRecord => {
    const offset = offsets.get(record.topic.name) ?? 0
    offsets.set(record.topic.name, offset + 1)
    return receivedOf(record, offset)
  })
  const judged: Judged = { results: [], alerts: [] }
  let sides = 0
  task.restoreFrom(0)
  for (const [index, record] of received.entries()) {
    for (; sides < Math.min(received.length, index + 1 + ahead); sides += 1)
      if (received[sides]!.topic.name !== 'feed-polls') task.applySide(received[sides]!)
    if (record.topic.name !== 'feed-polls') continue
    const { outputs } = task.handle([record], { publishFrom: 0, snapshotOffset: null })
    for (const output of outputs) {
      if (output.topic.name === 'data-quality') judged.results.push(output.value)
      else {
        judged.alerts.push(output.value)
        task.applySide(receivedOf({ topic: topics.alerts, value: output.value }, 0))
      }
    }
  }
  return judged
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
