import assert from 'node:assert/strict'
import test from 'node:test'
import { HEADER } from './fixtures.ts'
import { readStatusCsv } from './read-status-csv.ts'
import { createRecordingBuilder, reportsOf } from './recording.ts'

/** The text in pieces of `size` bytes, as a stream would bring it. */
async function* pieces(text: string, size = 7): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

const read = async (text: string, size?: number) => {
  const builder = createRecordingBuilder()
  await readStatusCsv(pieces(text, size), builder)
  const recording = builder.finish()
  return {
    ...recording,
    reports: recording.snapshots.map((snapshot) => reportsOf(recording, snapshot, (at) => at)),
  }
}

test('rows become snapshots, however the bytes are cut', async () => {
  const text = [
    HEADER,
    '1661990590,a-1,10,1,17,2,3,1,1,0,1661990486',
    '1661990590,b-2,7,0,8,0,0,0,0,0,86400',
    '1661992032,a-1,11,1,16,2,3,1,1,1,1661992000',
    '',
  ].join('\n')
  for (const size of [1, 7, 64, 10_000]) {
    const { reports, snapshots } = await read(text, size)
    assert.deepEqual(
      snapshots.map(({ recordedAt }) => recordedAt),
      [1_661_990_590_000, 1_661_992_032_000],
    )
    assert.deepEqual(reports[0], [
      {
        stationId: 'a-1',
        bikes: 10,
        ebikes: 1,
        docks: 17,
        bikesDisabled: 2,
        docksDisabled: 3,
        isInstalled: true,
        isRenting: true,
        isReturning: false,
        reportedAt: 1_661_990_486_000,
      },
      {
        stationId: 'b-2',
        bikes: 7,
        ebikes: 0,
        docks: 8,
        bikesDisabled: 0,
        docksDisabled: 0,
        isInstalled: false,
        isRenting: false,
        isReturning: false,
        reportedAt: 86_400_000,
      },
    ])
    assert.equal(reports[1]?.[0]?.bikes, 11)
  }
})

test('columns are found by name; absent columns and values are absent, flags then true', async () => {
  const { reports } = await read(
    'station_id,name,num_bikes_available,snapshot_ts,is_renting,num_docks_available\r\nx,Mill,-1,100,False,\r\n',
  )
  assert.deepEqual(reports, [
    [
      {
        stationId: 'x',
        bikes: -1,
        ebikes: null,
        docks: null,
        bikesDisabled: null,
        docksDisabled: null,
        isInstalled: true,
        isRenting: false,
        isReturning: true,
        reportedAt: null,
      },
    ],
  ])
})

test('the last line needs no end; decimals are cut', async () => {
  const { reports } = await read('snapshot_ts,station_id,num_bikes_available\n100.0,x,4.0')
  assert.equal(reports[0]?.[0]?.bikes, 4)
})

test('a snapshot that does not come later is left out and counted', async () => {
  const { snapshots, leftOut } = await read(
    'snapshot_ts,station_id,num_bikes_available\n200,x,1\n100,x,2\n200,x,3\n300,x,4\n',
  )
  assert.deepEqual(
    snapshots.map(({ recordedAt }) => recordedAt),
    [200_000, 300_000],
  )
  assert.equal(leftOut, 2)
})

test('more stations than were made room for', async () => {
  const rows = Array.from({ length: 3000 }, (_, index) => `100,s${index},${index % 100}`)
  const { reports } = await read(`snapshot_ts,station_id,num_bikes_available\n${rows.join('\n')}\n`, 4096)
  assert.equal(reports[0]?.length, 3000)
  assert.deepEqual([reports[0]?.[2999]?.stationId, reports[0]?.[2999]?.bikes], ['s2999', 99])
})

test('what is no such file is refused, with the reason or the line', async () => {
  await assert.rejects(read('a,b\n1,2\n'), /snapshot_ts/)
  await assert.rejects(read('snapshot_ts,station_id,num_bikes_available\n100,x,1\nrubbish\n'), /Line 3/)
})
