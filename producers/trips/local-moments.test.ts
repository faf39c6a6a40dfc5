import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localMoments } from './local-moments.ts'

const HOUR_MS = 3_600_000
const newYork = localMoments('America/New_York')

test('on nearly all days a time on the wall is one moment', () => {
  assert.deepEqual(newYork(Date.UTC(2024, 0, 15, 15, 18)), once(Date.UTC(2024, 0, 15, 20, 18)))
  assert.deepEqual(newYork(Date.UTC(2024, 6, 15, 15, 18)), once(Date.UTC(2024, 6, 15, 19, 18)))
})

test('clocks put forward leave out an hour; what is written in it is taken an hour later', () => {
  assert.deepEqual(newYork(Date.UTC(2024, 2, 10, 1, 59)), once(Date.UTC(2024, 2, 10, 6, 59)))
  const first = Date.UTC(2024, 2, 10, 7, 30)
  assert.deepEqual(newYork(Date.UTC(2024, 2, 10, 2, 30)), { kind: 'never', first, second: first - HOUR_MS })
  assert.deepEqual(newYork(Date.UTC(2024, 2, 10, 3)), once(Date.UTC(2024, 2, 10, 7)))
})

test('clocks put back show an hour twice', () => {
  assert.deepEqual(newYork(Date.UTC(2024, 10, 3, 0, 59)), once(Date.UTC(2024, 10, 3, 4, 59)))
  const first = Date.UTC(2024, 10, 3, 5, 30)
  assert.deepEqual(newYork(Date.UTC(2024, 10, 3, 1, 30)), { kind: 'twice', first, second: first + HOUR_MS })
  assert.deepEqual(newYork(Date.UTC(2024, 10, 3, 2)), once(Date.UTC(2024, 10, 3, 7)))
})

test('every moment of two years is found again, in zones of every kind', () => {
  for (const zone of ['UTC', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Europe/Dublin', 'America/Santiago']) {
    const moments = localMoments(zone)
    const format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'medium',
    })
    for (let at = Date.UTC(2023, 0, 1); at < Date.UTC(2025, 0, 1); at += 15 * 60_000) {
      const wall = Date.parse(`${format.format(at).replace(' ', 'T')}Z`)
      const { first, second } = moments(wall)
      assert.ok(at === first || at === second, `${zone} ${new Date(at).toISOString()}`)
    }
  }
})

const once = (at: number) => ({ kind: 'once', first: at, second: at })
