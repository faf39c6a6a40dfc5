import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCsvRows } from './read-csv-rows.ts'
import { readStatusCsv } from './read-status-csv.ts'
import { stationsIn } from './recorded-document.ts'
import { STATUS_HEADER } from './testing/recorded-files.ts'

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

const read = async (text: string) => {
  const notices: string[] = []
  const documents = await Array.fromAsync(
    readStatusCsv(readCsvRows(bytesOf(text)), (notice) => notices.push(notice)),
  )
  const snapshots = documents.map((document) => ({
    recordedAt: document.recordedAt,
    stations: stationsIn(document),
  }))
  return { snapshots, notices }
}

test('the rows of one moment become one document', async () => {
  const { snapshots } = await read(
    [
      STATUS_HEADER,
      '1661990590,a-1,10,1,17,2,3,1,1,0,1661990486',
      '1661990590,b-2,7,,8,0,0,True,1,1,86400',
      '1661992032,a-1,-1,1,16,2,3,1,1,1,1661992000',
    ].join('\n'),
  )
  assert.deepEqual(
    snapshots.map(({ recordedAt, stations }) => [recordedAt, stations.length]),
    [
      [1_661_990_590_000, 2],
      [1_661_992_032_000, 1],
    ],
  )
  assert.deepEqual(snapshots[0]?.stations, [
    {
      station_id: 'a-1',
      num_bikes_available: 10,
      num_ebikes_available: 1,
      num_docks_available: 17,
      num_bikes_disabled: 2,
      num_docks_disabled: 3,
      is_installed: 1,
      is_renting: 1,
      is_returning: 0,
      last_reported: 1_661_990_486,
    },
    {
      station_id: 'b-2',
      num_bikes_available: 7,
      num_ebikes_available: undefined,
      num_docks_available: 8,
      num_bikes_disabled: 0,
      num_docks_disabled: 0,
      is_installed: 'True',
      is_renting: 1,
      is_returning: 1,
      last_reported: 86_400,
    },
  ])
})

test('times are in seconds, in milliseconds or written out; columns have the names that recorders give them', async () => {
  const at = Date.UTC(2022, 8, 1, 12)
  const moments = [at / 1000, at, '2022-09-01T12:00:00Z', '2022-09-01 12:00:00', '2022-09-01T14:00:00+02:00']
  for (const moment of moments) {
    const { snapshots } = await read(`Fetched At,stationId,available_bikes,emptySlots\n${moment},x,4,5\n`)
    assert.deepEqual(
      snapshots,
      [{ recordedAt: at, stations: [{ station_id: 'x', num_bikes_available: 4, num_docks_available: 5 }] }],
      String(moment),
    )
  }
})

test('what other programs write for nothing is absent', async () => {
  for (const nothing of ['', 'nan', 'NaN', 'NULL', 'None', '\\N']) {
    const { snapshots } = await read(`ts,station_id,bikes,docks\n100,x,4.0,${nothing}\n`)
    assert.deepEqual(snapshots[0]?.stations, [
      { station_id: 'x', num_bikes_available: 4, num_docks_available: undefined },
    ])
  }
})

test('what is no such row is passed over and counted; what is no such file is refused with what is missing', async () => {
  const { snapshots, notices } = await read('ts,station_id,bikes\n100,x,1\nrubbish\nnever,x,2\n200,x,3\n')
  assert.equal(snapshots.length, 2)
  assert.deepEqual(notices, ['2 rows are no status, such as "rubbish"'])
  await assert.rejects(read('ts,name\n1,2\n'), /no column station_id, num_bikes_available: it has ts, name/)
})
