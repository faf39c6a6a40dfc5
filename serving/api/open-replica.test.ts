import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ModelActivated, ModelRejected } from '@velocast/schemas'
import { openReplica, type Replica } from './open-replica.ts'
import {
  fillKnowledge,
  promotionOf,
  serveBundles,
  testClock,
  testNow,
  testSystem,
  testTelemetry,
  versionedBundle,
} from './testing/test-city.ts'

const inFolder = async (work: (cacheFolder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'velocast-replica-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const open = async (cacheFolder: string, mlflowUrl: string) => {
  const events: (ModelActivated | ModelRejected)[] = []
  const replica = await openReplica({
    system: testSystem,
    replicaId: 'a',
    cacheFolder,
    artifacts: { mlflowUrl },
    clock: testClock,
    telemetry: testTelemetry().telemetry,
    publishActivated: (event) => events.push(event),
    publishRejected: (event) => events.push(event),
  })
  return { replica, events }
}

const version = (replica: Replica): string | undefined => replica.holder.current()?.promotion.modelVersion

test('after a restart the last model and the newest features are there with everything else gone', async () => {
  const bundle = versionedBundle(1)
  const store = await serveBundles(new Map([['one', bundle]]))
  await inFolder(async (folder) => {
    const first = await open(folder, store.url)
    fillKnowledge(first.replica.knowledge, ['a', 'b'])
    first.replica.promote(promotionOf(bundle, 1, store.uriOf('one')))
    await first.replica.settled()
    assert.equal(version(first.replica), '1')
    await first.replica.close()
    await store.close()

    const second = await open(folder, store.url)
    assert.equal(version(second.replica), '1')
    const { knowledge } = second.replica
    assert.deepEqual([...knowledge.vectors.all()], [...first.replica.knowledge.vectors.all()])
    assert.deepEqual(knowledge.stations.get('b'), first.replica.knowledge.stations.get('b'))
    assert.deepEqual(knowledge.weatherForecasts(), first.replica.knowledge.weatherForecasts())

    second.replica.promote(promotionOf(bundle, 1, store.uriOf('one')))
    await second.replica.settled()
    assert.deepEqual(second.events, [], 'the promotion that put it there is no news')
    await second.replica.close()
  })
})

test('a rollback to a bundle on disk needs no artifact store', async () => {
  const bundles = new Map([1, 2].map((each) => [String(each), versionedBundle(each)]))
  const store = await serveBundles(bundles)
  await inFolder(async (folder) => {
    const { replica, events } = await open(folder, store.url)
    for (const each of [1, 2]) {
      replica.promote(promotionOf(bundles.get(String(each))!, each, store.uriOf(String(each))))
      await replica.settled()
    }
    await store.close()
    replica.promote({ ...promotionOf(bundles.get('1')!, 1, store.uriOf('1')), promotedAt: testNow + 100 })
    await replica.settled()
    assert.equal(version(replica), '1')
    assert.equal(events.length, 3)
    await replica.close()
  })
})

test('a bundle that rots on the disk is fetched again', async () => {
  const bundle = versionedBundle(1)
  const store = await serveBundles(new Map([['one', bundle]]))
  await inFolder(async (folder) => {
    const { replica } = await open(folder, store.url)
    const promotion = promotionOf(bundle, 1, store.uriOf('one'))
    replica.promote(promotion)
    await replica.settled()
    const path = join(folder, testSystem.systemId, 'bundles', bundle.manifestSha256, 'model.onnx')
    await writeFile(path, 'rot')
    const requests = store.requests()
    replica.promote({ ...promotion, promotedAt: testNow + 100 })
    await replica.settled()
    assert.equal(store.requests(), requests + 3)
    assert.equal(version(replica), '1')
    await replica.close()
  })
  await store.close()
})

test('a refused bundle leaves nothing on the disk, and a ruined disk does not keep a replica from opening', async () => {
  const bad = versionedBundle(2, { golden: Buffer.from('{}') })
  const store = await serveBundles(new Map([['bad', bad]]))
  await inFolder(async (folder) => {
    const { replica, events } = await open(folder, store.url)
    replica.promote(promotionOf(bad, 2, store.uriOf('bad')))
    await replica.settled()
    assert.equal((events[0] as ModelRejected).reason, 'UNREADABLE')
    assert.equal(version(replica), undefined)
    fillKnowledge(replica.knowledge, ['a'])
    await replica.close()
    await writeFile(join(folder, testSystem.systemId, 'promotion.json'), 'ruin')
    await writeFile(join(folder, testSystem.systemId, 'knowledge.snapshot'), 'ruin')
    const again = await open(folder, store.url)
    assert.equal(again.replica.knowledge.vectors.size(), 0)
    await again.replica.close()
  })
  await store.close()
})

test('another model than the configured one is none of its business', async () => {
  await inFolder(async (folder) => {
    const { replica, events } = await open(folder, 'http://127.0.0.1:9')
    replica.promote({ ...promotionOf(versionedBundle(1), 1), modelName: 'other' })
    await replica.settled()
    assert.deepEqual(events, [])
    await replica.close()
  })
})
