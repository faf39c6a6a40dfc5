import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type KnownStation, matchStations, type SurveyedStation } from './match-stations.ts'

/** About 11 m. */
const STEP = 0.0001

const known: KnownStation[] = [
  { stationId: 'uuid-1', name: 'Grove St PATH', latitude: 40.7194, longitude: -74.0431 },
  { stationId: 'uuid-2', name: 'Hamilton Park', latitude: 40.7276, longitude: -74.0442 },
]

const surveyed = (id: string, name: string, north: number, lastAt = 0): SurveyedStation => ({
  id,
  name,
  latitude: 40.7194 + north * STEP,
  longitude: -74.0431,
  lastAt,
})

const match = (stations: SurveyedStation[], given: [string, string][] = []) =>
  Object.fromEntries(
    [...matchStations(stations, known, new Map(given))].map(([id, { stationId, by }]) => [
      id,
      `${stationId} ${by}`,
    ]),
  )

test('a station is found by its id, by the mapping given, by name and position, or by position alone', () => {
  assert.deepEqual(
    match(
      [
        surveyed('uuid-2', 'whatever', 900),
        surveyed('JC005', 'GROVE ST. path', 4),
        surveyed('3186', 'Grove St', 1),
        surveyed('77', 'Depot', 500),
      ],
      [['77', 'uuid-1']],
    ),
    {
      'uuid-2': 'uuid-2 same-id',
      JC005: 'uuid-1 name-and-position',
      3186: 'uuid-1 position',
      77: 'uuid-1 given',
    },
  )
})

test('the same name elsewhere is another station; so is another name a little further', () => {
  assert.deepEqual(match([surveyed('a', 'Grove St PATH', 5), surveyed('b', 'Grove Street', 2)]), {
    a: 'a unknown',
    b: 'b unknown',
  })
})

test('without positions a name is enough if one station has it', () => {
  const nowhere = { ...surveyed('9', 'Hamilton Park', 0), latitude: Number.NaN, longitude: Number.NaN }
  assert.deepEqual(match([nowhere]), { 9: 'uuid-2 name' })
})

test('ids that follow each other at one place become the newest, however many there were', () => {
  assert.deepEqual(
    match([
      surveyed('old', 'Mill', 100, 1),
      surveyed('newest', 'Mill', 102, 3),
      surveyed('newer', 'Mill', 101, 2),
      surveyed('far', 'Mill', 200, 4),
    ]),
    { far: 'far unknown', newest: 'newest unknown', newer: 'newest successor', old: 'newest successor' },
  )
})

test('where some trips give a name alone, it is the station that others give an id for', () => {
  const bare = { ...surveyed('Mill', 'Mill', 0, 9), latitude: Number.NaN, longitude: Number.NaN }
  assert.deepEqual(match([bare, surveyed('m-1', 'Mill', 100, 1)]), {
    'm-1': 'm-1 unknown',
    Mill: 'm-1 successor',
  })
})
