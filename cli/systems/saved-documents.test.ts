import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entrancesIn, findBeside } from './saved-documents.ts'

test('a folder is entered by its gbfs.json, else by its station_status, whatever is around these names', () => {
  const cases: [names: string[], entrances: string[]][] = [
    [['station_status.json', 'gbfs.json', 'gbfs_versions.json'], ['gbfs.json']],
    [['gbfs.json.gz', 'station_status.json.gz'], ['gbfs.json.gz']],
    [['gbfs', 'station_status'], ['gbfs']],
    [['velib_station_status.json', 'velib_station_information.json'], ['velib_station_status.json']],
    [['city_gbfs_station_status.json'], ['city_gbfs_station_status.json']],
    [['stationStatus.json', 'stationInformation.json'], ['stationStatus.json']],
    [['a_station_status_2020-02.json', 'a_station_status_2020-05.json'], ['a_station_status_2020-05.json']],
    [['station_status.json', 'station_status_old.json'], ['station_status.json']],
    [
      ['a_station_status.json', 'b_station_status.json'],
      ['a_station_status.json', 'b_station_status.json'],
    ],
    [['station_status.csv', 'readme.md'], []],
  ]
  for (const [names, entrances] of cases) assert.deepEqual(entrancesIn(names), entrances, names.join(' '))
})

test('the document beside another is the one of the same beginning that goes on most alike', () => {
  const names = [
    'a_station_status_2020-05-15.json',
    'a_station_information_2020-03-23.json',
    'a_station_information_2020-05-14.json',
    'b_station_information_2020-05-15.json',
  ]
  assert.equal(findBeside(names, names[0]!, 'station_information'), names[2])
  assert.equal(findBeside(names, 'c_station_status.json', 'station_information'), null)
  assert.equal(
    findBeside(['gbfs.json', 'city_station_status.json'], 'gbfs.json', 'station_status'),
    'city_station_status.json',
  )
  assert.equal(findBeside(['gbfs.json', 'gbfs.json.gz'], 'gbfs.json', 'station_status'), null)
})
