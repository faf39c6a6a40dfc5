/** Documents broken in every way: nothing throws, and no number is published that the document does not hold. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkFeed, type FeedCheck } from './check-feed.ts'
import { parseJson } from './parse-json.ts'
import {
  ADDRESS,
  type AnyJson,
  cleanFeed,
  type Feed,
  POLLED_AT,
  serve,
  VERSIONS,
} from './testing/clean-feed.ts'

const ODD_VALUES: AnyJson[] = [
  null,
  true,
  0,
  1,
  -1,
  0.5,
  1e308,
  '',
  ' 7 ',
  '7',
  '-3',
  'NaN',
  'yes',
  [],
  {},
  [null],
  [{ count: 2 }],
  { a: { station_id: 'a', num_bikes_available: 3, num_vehicles_available: 3 } },
  1e12,
  '2026-03-02T08:00:00',
  '9999-99-99T99:99:99Z',
]

const oddValue = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ODD_VALUES) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
)

/** Where a document is changed: at each step a key, by its number among those that there are. */
const change = fc.record({
  document: fc.constantFrom('gbfs', 'station_status', 'station_information', 'system_information'),
  path: fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }),
  how: fc.constantFrom('replace', 'remove', 'repeat', 'rename'),
  value: oddValue,
})

const apply = (feed: Feed, { document, path, how, value }: AnyJson): void => {
  let parent: AnyJson = feed
  let key: string = document
  for (const step of path) {
    const inner = parent[key]
    if (typeof inner !== 'object' || inner === null || Object.keys(inner).length === 0) break
    parent = inner
    const keys = Object.keys(inner)
    key = keys[step % keys.length]!
  }
  if (how === 'replace') parent[key] = structuredClone(value)
  else if (how === 'remove') delete parent[key]
  else if (how === 'repeat' && Array.isArray(parent)) parent.push(structuredClone(parent[Number(key)]))
  else if (!Array.isArray(parent)) parent[`${key}x`] = structuredClone(parent[key])
}

const oddFeed = fc
  .tuple(fc.constantFrom(...VERSIONS), fc.array(change, { minLength: 1, maxLength: 6 }))
  .map(([version, changes]) => {
    const feed = cleanFeed(version)
    for (const each of changes) apply(feed, each)
    return feed
  })

/** Every number in a document, as text or not, and sums of counts by type. */
const numbersIn = (document: unknown): Set<number> => {
  const numbers = new Set<number>()
  JSON.stringify(document, (_, value) => {
    if (typeof value === 'number' || typeof value === 'string') numbers.add(Number(value))
    if (Array.isArray(value)) numbers.add(value.reduce((sum, each) => sum + Number(each?.count ?? 0), 0))
    return value
  })
  return numbers
}

const assertNothingInvented = (feed: Feed, { status, information }: FeedCheck): void => {
  const inStatus = numbersIn(feed.station_status)
  for (const { bikes, docks, ebikes, bikesDisabled, docksDisabled } of status?.stations ?? []) {
    for (const count of [bikes, docks, ebikes])
      assert.ok(count === null || (Number.isInteger(count) && count >= 0 && inStatus.has(count)), `${count}`)
    // Absent counts of what is broken are 0.
    for (const count of [bikesDisabled, docksDisabled]) assert.ok(count === 0 || inStatus.has(count))
  }
  const inInformation = numbersIn(feed.station_information)
  for (const { latitude, longitude, capacity } of information?.stations ?? [])
    for (const number of [latitude, longitude, capacity])
      assert.ok(number === null || inInformation.has(number), `${number}`)
}

const assertOrderly = ({ status, information, listed, usable, oddities }: FeedCheck): void => {
  for (const stations of [status?.stations ?? [], information?.stations ?? []]) {
    const ids = stations.map(({ stationId }) => stationId)
    assert.deepEqual(ids, [...new Set(ids)].sort(), 'each station once, in order')
  }
  for (const { observedAt, reportedAt } of status?.stations ?? []) {
    assert.ok(Number.isSafeInteger(observedAt) && observedAt <= POLLED_AT)
    assert.ok(reportedAt === null || (Number.isSafeInteger(reportedAt) && reportedAt <= POLLED_AT))
  }
  assert.ok(usable.status <= listed.status && usable.information <= listed.information)
  assert.ok(oddities.every(({ count, example }) => count > 0 && example.length <= 160))
}

test('whatever a feed holds, it is read without an exception, and nothing is invented', async () => {
  await fc.assert(
    fc.asyncProperty(oddFeed, async (feed) => {
      const check = await checkFeed({ address: ADDRESS, request: serve(feed), now: POLLED_AT })
      assertNothingInvented(feed, check)
      assertOrderly(check)
      assert.equal(check.isFollowable, check.usable.status > 0)
      assert.equal(check.isFollowable, check.reasons.length === 0)
    }),
    { numRuns: 1500 },
  )
})

test('stations whose entries are as they should be are used, whatever the others hold', async () => {
  const status = cleanFeed('2.3').station_status
  const whole = new Set<string>(status.data.stations.slice(3).map((station: AnyJson) => station.station_id))
  await fc.assert(
    fc.asyncProperty(fc.array(oddValue, { maxLength: 3 }), async (entries) => {
      const feed = cleanFeed('2.3')
      feed.station_status.data.stations.splice(0, entries.length, ...entries)
      const check = await checkFeed({ address: ADDRESS, request: serve(feed), now: POLLED_AT })
      const used = new Set(check.status?.stations.map(({ stationId }) => stationId))
      for (const stationId of whole) assert.ok(used.has(stationId), stationId)
    }),
    { numRuns: 300 },
  )
})

test('a value as deep as text allows is odd like any other', async () => {
  const deep = parseJson(`${'['.repeat(50_000)}${']'.repeat(50_000)}`)
  const feed = cleanFeed('2.3')
  const request = serve(feed)
  for (const name of ['station_status', 'station_information', 'system_information', 'gbfs'])
    for (const field of [
      'version',
      'ttl',
      'last_updated',
      'data',
      'stations',
      'station_id',
      'name',
      'lat',
      'is_renting',
    ]) {
      const check = await checkFeed({
        address: ADDRESS,
        now: POLLED_AT,
        request: async (address, options) => {
          const answer = await request(address, options)
          if (answer.kind !== 'document' || !address.endsWith(name)) return answer
          const document = answer.document as AnyJson
          const [station = {}] = document.data.stations ?? []
          for (const holder of [document, document.data, station]) if (field in holder) holder[field] = deep
          return answer
        },
      })
      assert.equal(typeof check.isFollowable, 'boolean')
    }
})

test('text that is no document at all is refused by a SyntaxError, and by nothing else', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json().map((text) => text.slice(0, -1)),
      ),
      (text) => {
        try {
          parseJson(text)
        } catch (error) {
          assert.ok(error instanceof SyntaxError)
        }
      },
    ),
  )
})
