import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { findFiles } from './find-files.ts'
import { readInTimeOrder, type TimeOrderOptions } from './read-in-time-order.ts'
import { stationsIn } from './recorded-document.ts'
import { informationJson, statusCsv, statusJson, tarOf } from './testing/recorded-files.ts'

const AT = Date.UTC(2022, 8, 1)
const QUARTER_HOUR_MS = 15 * 60_000

const readFolder = async (
  t: TestContext,
  files: Record<string, string | Buffer>,
  options: TimeOrderOptions = {},
) => {
  const folder = await mkdtemp(join(tmpdir(), 'velocast-recording-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
  const tooLate: number[] = []
  const documents = await Array.fromAsync(
    readInTimeOrder(await findFiles([folder]), {
      ...options,
      onTooLate: ({ recordedAt }) => tooLate.push(recordedAt),
    }),
  )
  return {
    tooLate,
    documents,
    moments: documents.filter(({ kind }) => kind === 'status').map(({ recordedAt }) => recordedAt),
  }
}

const quarters = (...numbers: number[]): number[] => numbers.map((number) => AT + number * QUARTER_HOUR_MS)

test('files that follow each other or overlap become one series', async (t) => {
  const { moments, documents } = await readFolder(t, {
    'b.csv': statusCsv(AT, 4),
    'a.csv': statusCsv(AT + 3 * QUARTER_HOUR_MS, 4),
  })
  assert.deepEqual(moments, quarters(0, 1, 2, 3, 4, 5, 6))
  assert.equal(
    stationsIn(documents[3]!).length,
    6,
    'what both hold is one poll, its repetitions left to the reader',
  )
})

test('what comes in an archive in any order is put in order; what comes too late for that is left out and said', async (t) => {
  const order = [5, 0, 3, 1, 4, 2]
  const archive = await tarOf(
    Object.fromEntries(
      order.map((quarter) => [
        `d${quarter}.json`,
        statusJson(AT + quarter * QUARTER_HOUR_MS, quarter, ['a', 'b']),
      ]),
    ),
  )
  const wide = await readFolder(t, { 'all.tar': archive })
  assert.deepEqual(wide.moments, quarters(0, 1, 2, 3, 4, 5))
  const narrow = await readFolder(t, { 'all.tar': archive }, { windowRows: 4 })
  assert.deepEqual(narrow.moments, quarters(0, 1, 3, 4, 5))
  assert.deepEqual(narrow.tooLate, quarters(2))
})

test('documents lie one a file or one a line, among others; facts come before the status that they are of', async (t) => {
  const { documents, moments } = await readFolder(t, {
    'lines.ndjson': `${statusJson(AT, 1)}\n${statusJson(AT + QUARTER_HOUR_MS, 2)}\n\n`,
    'later.json': statusJson(AT + 2 * QUARTER_HOUR_MS, 3),
    'lines.json': `${statusJson(AT + 3 * QUARTER_HOUR_MS, 4)}\n${statusJson(AT + 4 * QUARTER_HOUR_MS, 5)}`,
    'list.json': `[${statusJson(AT + 5 * QUARTER_HOUR_MS, 4)}]`,
    'information.json': informationJson(AT + QUARTER_HOUR_MS),
    'other.json': '{"data":{"plans":[]}}',
    'broken.json': '{"data":',
  })
  assert.deepEqual(moments, quarters(0, 1, 2, 3, 4, 5))
  assert.equal(documents[0]?.kind, 'information', 'the only description holds for the time before, too')
})

test('of several descriptions each holds from its own time on', async (t) => {
  const { documents } = await readFolder(t, {
    'status.csv': statusCsv(AT, 4),
    'first.json': informationJson(AT - QUARTER_HOUR_MS, 10),
    'second.json': informationJson(AT + 2 * QUARTER_HOUR_MS, 20),
  })
  assert.deepEqual(
    documents.map(({ kind }) => kind),
    ['information', 'status', 'status', 'information', 'status', 'status'],
  )
})

test('a file that is not there or holds something else is named', async (t) => {
  await assert.rejects(findFiles(['/nowhere/at-all.csv']), /at-all\.csv is not there/)
  await assert.rejects(
    readFolder(t, { 'trips.csv': 'ride_id,started_at\n1,2\n' }),
    /trips\.csv cannot be read: .*station_id/,
  )
})
