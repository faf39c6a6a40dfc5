import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OpenedBundle, openBundle } from '@velocast/inference'
import type { ModelActivated, ModelPromoted, ModelRejected } from '@velocast/schemas'
import type { ServingModel } from './load-model.ts'
import { createModelHolder } from './model-holder.ts'
import { createModelLife, type ModelLifeOptions } from './model-life.ts'
import { promotionOf, testClock, versionedBundle } from './testing/test-city.ts'

const bundles = new Map([1, 2, 3].map((version) => [String(version), versionedBundle(version)]))
const promotion = (version: number, promotedAt = version): ModelPromoted => ({
  ...promotionOf(bundles.get(String(version))!, version),
  promotedAt,
})

const openPromoted = ({ modelVersion, manifestSha256 }: ModelPromoted): Promise<OpenedBundle> =>
  openBundle({ manifestSha256, read: bundles.get(modelVersion)!.read })

const begin = (
  load: (promotion: ModelPromoted, signal: AbortSignal) => Promise<OpenedBundle> = openPromoted,
  tryBeside: ModelLifeOptions['tryBeside'] = undefined,
) => {
  const activated: ModelActivated[] = []
  const rejected: ModelRejected[] = []
  const delays: number[] = []
  const remembered: string[] = []
  const holder = createModelHolder<ServingModel>((model) => model.bundle.release())
  const life = createModelLife({
    holder,
    load,
    ...(tryBeside && { tryBeside }),
    remember: async ({ modelVersion }) => void remembered.push(modelVersion),
    onActivated: (event) => activated.push(event),
    onRejected: (event) => rejected.push(event),
    onRetry: (_promotion, _detail, delayMs) => delays.push(delayMs),
    replicaId: 'a',
    clock: testClock,
    wait: async () => {},
  })
  const version = () => holder.current()?.promotion.modelVersion
  return { life, holder, version, activated, rejected, delays, remembered }
}

test('a promotion is loaded, answers, and is told with its timings', async () => {
  const { life, version, activated, remembered, holder } = begin()
  life.promote(promotion(1))
  await life.settled()
  life.promote(promotion(2))
  await life.settled()
  assert.equal(version(), '2')
  assert.deepEqual(remembered, ['1', '2'])
  const [, second] = activated
  assert.equal(second?.modelVersion, '2')
  assert.equal(second?.previousVersion, '1')
  for (const duration of [
    second!.fetchMs,
    second!.checkMs,
    second!.warmUpMs,
    second!.swapMs,
    second!.drainMs,
  ])
    assert.ok(duration >= 0)
  await holder.close()
})

test('the same promotion again does nothing; a rollback is a promotion of an older version', async () => {
  const { life, version, activated, holder } = begin()
  life.promote(promotion(1, 100))
  await life.settled()
  life.promote(promotion(1, 100))
  await life.settled()
  assert.equal(activated.length, 1)
  life.promote(promotion(2, 200))
  await life.settled()
  life.promote(promotion(1, 300))
  await life.settled()
  assert.equal(version(), '1')
  assert.deepEqual(
    activated.map((event) => event.modelVersion),
    ['1', '2', '1'],
  )
  await holder.close()
})

test('a newer promotion during a load wins, and the overtaken model is not heard of', async () => {
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { life, version, activated, rejected, holder } = begin(async (promoted) => {
    if (promoted.modelVersion === '1') {
      begun.resolve()
      await goOn.promise
    }
    return openPromoted(promoted)
  })
  life.promote(promotion(1))
  await begun.promise
  life.promote(promotion(2))
  life.promote(promotion(3))
  goOn.resolve()
  await life.settled()
  assert.equal(version(), '3')
  assert.deepEqual(
    activated.map((event) => event.modelVersion),
    ['3'],
  )
  assert.deepEqual(rejected, [])
  await holder.close()
})

test('a refused model is told with the reason, and the old one goes on answering', async () => {
  const { life, version, rejected, holder } = begin()
  life.promote(promotion(1))
  await life.settled()
  life.promote({ ...promotion(2), manifestSha256: 'e'.repeat(64) })
  await life.settled()
  assert.equal(version(), '1')
  assert.equal(rejected[0]?.reason, 'CHECKSUM')
  assert.match(rejected[0]?.detail ?? '', /eeee/)
  life.promote(promotion(3))
  await life.settled()
  assert.equal(version(), '3')
  await holder.close()
})

test('a bundle that cannot be had is tried again, ever more slowly, until it can be', async () => {
  let failures = 12
  const { life, version, rejected, delays, holder } = begin(async (promoted) =>
    failures-- > 0 ? { ok: false, reason: 'UNREACHABLE', detail: 'no answer' } : openPromoted(promoted),
  )
  life.promote(promotion(1))
  await life.settled()
  assert.equal(version(), '1')
  assert.equal(delays.length, 12)
  assert.deepEqual(delays.slice(0, 4), [250, 500, 1000, 2000])
  assert.equal(delays.at(-1), 15_000)
  assert.deepEqual(
    rejected.map((event) => event.reason),
    ['UNREACHABLE'],
    'told once',
  )
  await holder.close()
})

test('stopping ends a load that waits for its bundle', async () => {
  const { life, version, rejected } = begin(async () => ({
    ok: false,
    reason: 'UNREACHABLE',
    detail: 'no answer',
  }))
  life.promote(promotion(1))
  await life.stop()
  assert.equal(version(), undefined)
  assert.deepEqual(rejected, [])
})

test('a reload loads the promoted model once more, and says why it could not', async () => {
  const none = begin()
  assert.equal((await none.life.reload()).ok, false)
  let isReachable = true
  let loads = 0
  const { life, version, activated, holder } = begin(async (promotion) => {
    loads++
    return isReachable ? openPromoted(promotion) : { ok: false, reason: 'UNREACHABLE', detail: 'away' }
  })
  life.promote(promotion(1))
  assert.deepEqual(await life.reload(), { ok: true })
  assert.equal(version(), '1')
  const first = holder.current()
  assert.deepEqual(await life.reload(), { ok: true })
  assert.notEqual(holder.current(), first)
  isReachable = false
  const before = { activated: activated.length, loads }
  assert.deepEqual(await life.reload(), { ok: false, reason: 'UNREACHABLE', detail: 'away' })
  await life.settled()
  assert.deepEqual({ activated: activated.length, loads }, { ...before, loads: before.loads + 1 })
  assert.equal(version(), '1', 'it goes on answering')
})

test('a reload tries at once what is tried again and again, and trying goes on when it fails', async () => {
  const gate = Promise.withResolvers<void>()
  let loads = 0
  const { life, version } = begin(async (promotion) => {
    loads++
    if (loads <= 3) return { ok: false, reason: 'UNREACHABLE', detail: 'away' }
    await gate.promise
    return openPromoted(promotion)
  })
  life.promote(promotion(1))
  const { ok } = await life.reload()
  gate.resolve()
  await life.settled()
  assert.equal(version(), '1')
  assert.ok(loads >= 2, `${ok} after ${loads} loads`)
})

test('a model that is found wanting beside the one in use is refused; the first one has none beside it', async () => {
  const tried: string[] = []
  const { life, version, rejected, holder } = begin(openPromoted, async (_bundle, { modelVersion }) => {
    tried.push(modelVersion)
    return modelVersion === '2' ? 'no number' : null
  })
  for (const each of [1, 2, 3]) {
    life.promote(promotion(each))
    await life.settled()
  }
  assert.deepEqual(tried, ['2', '3'])
  assert.equal(version(), '3')
  assert.deepEqual(
    rejected.map(({ modelVersion, reason, detail }) => [modelVersion, reason, detail]),
    [['2', 'WARM_UP', 'no number']],
  )
  await holder.close()
})

test('while a model is tried it is said so; a newer promotion ends that, and the model is given up', async () => {
  const begun = Promise.withResolvers<void>()
  let released = 0
  const { life, version, rejected, holder } = begin(
    async (promoted) => {
      const opened = await openPromoted(promoted)
      if (!opened.ok || promoted.modelVersion !== '2') return opened
      const release = async (): Promise<void> => {
        released++
        await opened.bundle.release()
      }
      return { ...opened, bundle: { ...opened.bundle, release } }
    },
    (_bundle, { modelVersion }, signal) =>
      new Promise((resolve, reject) => {
        if (modelVersion !== '2') return resolve(null)
        signal.addEventListener('abort', () => reject(signal.reason))
        begun.resolve()
      }),
  )
  life.promote(promotion(1))
  await life.settled()
  assert.equal(life.incoming(), null)
  life.promote(promotion(2))
  await begun.promise
  assert.equal(life.incoming()?.step, 'shadow_scoring')
  assert.equal(life.incoming()?.promotion.modelVersion, '2')
  assert.equal(version(), '1')
  life.promote(promotion(3))
  await life.settled()
  assert.equal(version(), '3')
  assert.equal(released, 1)
  assert.deepEqual(rejected, [])
  assert.equal(life.incoming(), null)
  await holder.close()
})

test('what is to be done before a swap is done by the next model, and put in its place at the swap', async () => {
  const { life, holder } = begin()
  const seen: unknown[] = []
  const current = (): string | undefined => holder.current()?.promotion.modelVersion
  holder.beforeSwap(async (next) => {
    seen.push(['before', next.promotion.modelVersion, current()])
    return () => void seen.push(['at', next.promotion.modelVersion, current()])
  })
  life.promote(promotion(1))
  await life.settled()
  life.promote(promotion(2))
  await life.settled()
  assert.deepEqual(seen, [
    ['before', '1', undefined],
    ['at', '1', '1'],
    ['before', '2', '1'],
    ['at', '2', '2'],
  ])
  await holder.close()
})
