import assert from 'node:assert/strict'
import test from 'node:test'
import { type ConfigError, loadConfig } from '@velocast/runtime'
import { simulatorConfig } from './config.ts'
import { environmentFromFlags, optionsFromConfig } from './options-from-config.ts'

const optionsOf = (environment: Record<string, string>) =>
  optionsFromConfig(loadConfig(simulatorConfig, environment), () => {})

test('flags stand for variables, in both spellings', () => {
  assert.deepEqual(
    environmentFromFlags(['--history-days', '20', '--port=0'], ['SIMULATOR_HISTORY_DAYS', 'SIMULATOR_PORT']),
    { SIMULATOR_HISTORY_DAYS: '20', SIMULATOR_PORT: '0' },
  )
})

test('unknown flags and flags without a value are told all at once', () => {
  assert.throws(
    () => environmentFromFlags(['--prt', '1', '--port'], ['SIMULATOR_PORT']),
    (error: ConfigError) => error.mistakes.length === 2,
  )
})

test('the defaults are a city of 60 in real time', () => {
  const options = optionsOf({})
  assert.equal(options.gbfsVersion, '2.3')
  assert.equal(options.stations, 60)
  assert.deepEqual(options.feed, {
    kind: 'city',
    hasStationOutages: true,
    hasFeedOutages: true,
  })
  assert.ok(Math.abs(options.clock!.now() - Date.now()) < 1000)
})

test('a recording, its window and its place are passed on', () => {
  const { feed, centre } = optionsOf({
    SIMULATOR_DATA: 'recordings/bay',
    SIMULATOR_WINDOW_END: '2022-11-01T00:00:00Z',
    SIMULATOR_LATITUDE: '37.8',
    SIMULATOR_LONGITUDE: '-122.4',
  })
  assert.ok(feed?.kind === 'recorded')
  assert.equal(feed.data, 'recordings/bay')
  assert.equal(feed.windowEnd, Date.UTC(2022, 10, 1))
  assert.deepEqual(centre, { latitude: 37.8, longitude: -122.4 })
})

test('every mistake is told', () => {
  assert.throws(
    () =>
      optionsOf({
        SIMULATOR_START_AT: 'soon',
        SIMULATOR_LATITUDE: '1',
        SIMULATOR_TIME_ZONE: 'Europe/Atlantis',
      }),
    (error: ConfigError) => error.mistakes.length === 3,
  )
})
