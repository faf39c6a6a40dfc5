import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readStationIds } from './read-station-ids.ts'

test('pairs below a first line; what is no pair is named with its row', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'velocast-ids-'))
  context.after(() => rm(folder, { recursive: true }))
  const path = join(folder, 'map.csv')
  await writeFile(path, 'trips,feed\n3186,uuid-1\n"a, b" , uuid-2\n')
  assert.deepEqual(
    [...(await readStationIds(path))],
    [
      ['3186', 'uuid-1'],
      ['a, b', 'uuid-2'],
    ],
  )
  await writeFile(path, 'trips,feed\n3186\n')
  await assert.rejects(readStationIds(path), /map\.csv, row 2: "3186"/)
})
