import assert from 'node:assert/strict'
import { test } from 'node:test'
import { vectorFeatureNames } from '@velocast/features'
import { allTopics } from '@velocast/schemas'
import { generateStatus, generateWeather } from '@velocast/testkit'
import { columnNames } from '../encode-rows.ts'
import { stationFeatures } from '../tables/station-features.ts'
import { stationStatus } from '../tables/station-status.ts'
import { topicTables } from '../tables/topic-tables.ts'
import { weatherForecasts } from '../tables/weather.ts'
import { distinctRows } from './distinct-rows.ts'

const statuses = [...generateStatus({ seed: 1, stations: 2, polls: 2 })]

test('of two records of a key the one stays that the table says', () => {
  const [first, second] = statuses
  const amended = { ...first!, bikes: 99, polledAt: first!.polledAt + 1 }
  const rows = distinctRows(stationStatus, [amended, second!, first!, amended])
  const bikes = columnNames(stationStatus.columns).indexOf('bikes')
  assert.deepEqual(
    rows.map((row) => row[bikes]),
    [first!.bikes, second!.bikes],
  )
  const vectorOf = (value: number) => ({
    systemId: 's',
    stationId: 'a',
    asOf: 1,
    polledAt: 2,
    names: vectorFeatureNames,
    vector: new Float32Array(vectorFeatureNames.length).fill(value),
  })
  assert.deepEqual(
    distinctRows(stationFeatures, [vectorOf(1), vectorOf(2)]),
    stationFeatures.rowsFrom(vectorOf(2)),
  )
})

test('keys are not mixed up by what names may hold', () => {
  const named = (systemId: string, stationId: string) => ({ ...statuses[0]!, systemId, stationId })
  assert.equal(
    distinctRows(stationStatus, [named('a', 'b","c'), named('a","b', 'c'), named('a', 'b,c')]).length,
    3,
  )
})

test('a forecast has one row for each moment it speaks of', () => {
  const [weather] = generateWeather({ seed: 1, polls: 1 })
  const { forecast } = weather!
  assert.equal(distinctRows(weatherForecasts, [forecast]).length, forecast.validAt.length)
})

test('a vector of a writer that knows other features is put in the order of the columns', () => {
  const [first, second, ...others] = vectorFeatureNames
  const record = {
    systemId: 's',
    stationId: 'a',
    asOf: 1,
    polledAt: 2,
    names: ['not_ours', second!, first!],
    vector: Float32Array.of(7, 8, 9),
  }
  const [row] = distinctRows(stationFeatures, [record])
  assert.deepEqual(row?.[4], Float32Array.of(9, 8, ...others.map(() => Number.NaN)))
})

test('every topic has a table, but for the state of the processors, keys, and what people did with them', () => {
  const withTable = new Set<string>(Object.values(topicTables).map((table) => table.topic.name))
  const without = allTopics.map((topic) => topic.name).filter((name) => !withTable.has(name))
  assert.deepEqual(without, ['station-state', 'api-keys', 'audit-log'])
})
