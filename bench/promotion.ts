/**
 * How long a promotion takes: from its moment until a predictor, as deployed, answers with the new model. In between are
 * the broker, fetching the bundle, checksums, golden rows, warm-up and the swap.
 *
 *   … node bench/promotion.ts [--json] [--promotions 30] [--trees 150]
 *
 * The baseline, in the same run, is the broker alone: until a bare follower of `model-promoted` has the record.
 */
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { promotionOf, serveBundles, testSystem, versionedBundle } from '@velocast/api/testing'
import { topics } from '@velocast/schemas'
import { createTestKafka, spawnService, waitFor } from '@velocast/testkit'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    promotions: { type: 'string', default: '30' },
    trees: { type: 'string', default: '150' },
  },
})
const WARM_UPS = 2
const count = Number(args.promotions) + WARM_UPS
const bundles = new Map(
  Array.from({ length: count }, (_, index) => [
    String(index + 1),
    versionedBundle(index + 1, { trees: Number(args.trees), leaves: 63 }),
  ]),
)
const quantile = (values: readonly number[], share: number): number =>
  Number(
    values
      .toSorted((a, b) => a - b)
      [Math.min(values.length - 1, Math.floor(share * values.length))]!.toFixed(0),
  )
const summary = (values: readonly number[]) => ({ p50: quantile(values, 0.5), p99: quantile(values, 0.99) })

const test = await createTestKafka()
const store = await serveBundles(bundles)
const folder = await mkdtemp(join(tmpdir(), 'velocast-bench-'))
const { systemId, name, gbfs, timeZone, country, latitude, longitude } = testSystem
await writeFile(
  join(folder, 'systems.json'),
  JSON.stringify({ systems: [{ systemId, name, gbfs, timeZone, country, latitude, longitude }] }),
)
const seenAt = new Map<string, number>()
const activatedAt = new Map<string, number>()
const follower = await test.kafka.follow({
  topics: [topics.modelPromoted, topics.modelActivated],
  from: 'beginning',
  onRecords(records) {
    for (const { topic, value } of records)
      if (topic.name === 'model-promoted') seenAt.set(value.modelVersion, Date.now())
      else activatedAt.set(value.modelVersion, value.activatedAt)
  },
})
const api = spawnService(new URL('../serving/api/main.ts', import.meta.url), {
  ...test.env,
  MLFLOW_TRACKING_URI: store.url,
  SYSTEMS_FILE: join(folder, 'systems.json'),
  CACHE_FOLDER: join(folder, 'cache'),
  API_PORT: '0',
})
const producer = await test.kafka.openProducer()
const latencies = { broker: [] as number[], activation: [] as number[] }
try {
  for (let version = 1; version <= count; version += 1) {
    const key = String(version)
    const promotedAt = Date.now()
    const value = { ...promotionOf(bundles.get(key)!, version, store.uriOf(key)), promotedAt }
    await producer.send([{ topic: topics.modelPromoted, value }])
    const activated = await waitFor(() => activatedAt.get(key), {
      withinMs: 30_000,
      everyMs: 5,
      what: `version ${key} active`,
    })
    const seen = await waitFor(() => seenAt.get(key), { withinMs: 10_000, what: `version ${key} in the log` })
    if (version <= WARM_UPS) continue
    latencies.activation.push(activated - promotedAt)
    latencies.broker.push(seen - promotedAt)
  }
} finally {
  await api.kill()
  await follower.stop()
  await producer.close()
  await store.close()
  await test.close()
}
const result = {
  name: 'promotion',
  promotions: Number(args.promotions),
  trees: Number(args.trees),
  activationMs: summary(latencies.activation),
  brokerMs: summary(latencies.broker),
}
if (args.json) console.log(JSON.stringify(result))
else
  console.log(
    `${result.promotions} promotions of 7 × ${result.trees} trees: → activation p50 ${result.activationMs.p50} ms, p99 ${result.activationMs.p99} ms (the broker alone: p50 ${result.brokerMs.p50} ms, p99 ${result.brokerMs.p99} ms)`,
  )
