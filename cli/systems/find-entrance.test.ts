import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { CommandError } from '../terminal/until-interrupted.ts'
import { findEntrance } from './find-entrance.ts'

const folders: string[] = []
after(() => folders.forEach((folder) => void rmSync(folder, { recursive: true })))

const folderOf = (files: Record<string, unknown>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'velocast-entrance-'))
  folders.push(folder)
  for (const [name, document] of Object.entries(files))
    writeFileSync(join(folder, name), typeof document === 'string' ? document : JSON.stringify(document))
  return folder
}
const entered = async (given: string): Promise<[string, string[]]> => {
  const { address, others } = await findEntrance(given)
  return [basename(address), others]
}

test('of several feeds in a folder the newest is looked at, whatever they are called, and the others are named', async () => {
  const folder = folderOf({
    'a_station_status.json': { lastUpdatedOther: 1_700_000_000 },
    'b_station_status.json': { last_updated: '2025-06-01T00:00:00Z' },
    'c_station_status_2024-01.json': { last_updated: 1_710_000_000 },
    'c_station_status_2024-02.json': { last_updated: 1_720_000_000 },
    'd_station_status.json': '<html>',
    'e_station_status.json': {},
    'b_station_information.json': {},
  })
  assert.deepEqual(await entered(folder), [
    'b_station_status.json',
    [
      'a_station_status.json',
      'c_station_status_2024-01.json',
      'c_station_status_2024-02.json',
      'd_station_status.json',
      'e_station_status.json',
    ],
  ])
})

test('where none says when it was made, the last one is looked at', async () => {
  const folder = folderOf({ 'a_station_status.json': {}, 'b_station_status.json': 'x' })
  assert.deepEqual(await entered(folder), ['a_station_status.json', ['b_station_status.json']])
  const later = folderOf({ 'a_station_status.json': {}, 'b_station_status.json': {} })
  assert.deepEqual(await entered(later), ['b_station_status.json', ['a_station_status.json']])
})

test('a folder may be given as an address, and what is neither a file nor an address is a mistake', async () => {
  const folder = folderOf({ 'gbfs.json': {}, 'station_status.json': {} })
  assert.deepEqual(await entered(pathToFileURL(folder).href), ['gbfs.json', []])
  const address = `${pathToFileURL(join(folder, 'station_status.json')).href}?feed=station_status`
  assert.equal((await findEntrance(address)).address, address)
  for (const given of [
    'https://',
    'file://op.example/gbfs.json',
    'file:///a%2Fb',
    'gbfs.json\0',
    join(folder, 'nothing.json'),
    folderOf({ 'readme.md': 'x' }),
  ])
    await assert.rejects(findEntrance(given), CommandError, given)
})
