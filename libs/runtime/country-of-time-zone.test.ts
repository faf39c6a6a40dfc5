import assert from 'node:assert/strict'
import test from 'node:test'
import { countryOfTimeZone } from './country-of-time-zone.ts'

test('a time zone leads to its country', () => {
  assert.equal(countryOfTimeZone('America/Los_Angeles'), 'US')
  assert.equal(countryOfTimeZone('US/Pacific'), 'US', 'an old name of a zone')
  assert.equal(countryOfTimeZone('Europe/Berlin'), 'DE', 'not the country that is no more')
  assert.equal(countryOfTimeZone('UTC'), null)
})
