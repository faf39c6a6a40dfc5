import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigError } from './load-config.ts'
import { loadSystems, parseSystems } from './load-systems.ts'

const oslo = {
  systemId: 'oslo',
  gbfs: 'https://example.org/gbfs.json',
  timeZone: 'Europe/Oslo',
  country: 'NO',
  latitude: 59.9,
  longitude: 10.7,
}

const mistakesIn = (systems: unknown[]): string => {
  try {
    parseSystems({ systems }, 'systems.json')
    return ''
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.mistakes.join('\n')
  }
}

describe('the systems file', () => {
  it('fills in what is not said', () => {
    const [system] = parseSystems({ systems: [oslo] }, 'systems.json')
    assert.equal(system?.modelName, 'velocast')
    assert.equal(system?.statusCron, '*/15 * * * *')
    assert.deepEqual(system?.weather, { provider: 'open-meteo' })
    assert.deepEqual(system?.weatherLocations, [{ locationId: 'centre', latitude: 59.9, longitude: 10.7 }])
  })

  it('names the file, the place and the mistake', () => {
    assert.match(mistakesIn([{ ...oslo, latitude: 200 }]), /systems\.json\/systems\/0\/latitude/)
    assert.match(mistakesIn([{ ...oslo, timeZone: 'Europe/Olso' }]), /oslo: timeZone "Europe\/Olso"/)
    assert.match(mistakesIn([{ ...oslo, country: 'norway' }]), /country "norway"/)
    assert.match(mistakesIn([{ ...oslo, systemId: 'os/lo' }]), /systemId may hold/)
  })

  it('knows several points of weather, each by its name', () => {
    const place = { latitude: 59.9, longitude: 10.7 }
    const weatherLocations = [
      { locationId: 'fjord', ...place },
      { locationId: 'hills', ...place },
    ]
    const [system] = parseSystems({ systems: [{ ...oslo, weatherLocations }] }, 'systems.json')
    assert.deepEqual(system?.weatherLocations, weatherLocations)
    const twice = [weatherLocations[0], weatherLocations[0]]
    assert.match(mistakesIn([{ ...oslo, weatherLocations: twice }]), /the same locationId/)
    assert.match(mistakesIn([{ ...oslo, weatherLocations: [] }]), /weatherLocations/)
  })

  it('names where a key is and how it is sent, and never holds it', () => {
    const keyed = (gbfsKey: object) => mistakesIn([{ ...oslo, gbfsKey }])
    assert.equal(keyed({ variable: 'OSLO_KEY', header: 'X-Key', hosts: ['cdn.example.org'] }), '')
    assert.match(keyed({ variable: 'OSLO_KEY' }), /either a header or a parameter/)
    assert.match(keyed({ variable: 'OSLO_KEY', header: 'a', query: 'b' }), /either a header or a parameter/)
    assert.match(keyed({ key: 'secret', header: 'a' }), /gbfsKey/)
  })

  it('refuses a system that is there twice, and two that share a model', () => {
    const text = mistakesIn([oslo, oslo])
    assert.match(text, /oslo is there twice/)
    assert.match(text, /shares the model "velocast"/)
    assert.equal(mistakesIn([oslo, { ...oslo, systemId: 'bergen', modelName: 'velocast-bergen' }]), '')
  })

  it('may give quality rules limits of its own, and nothing else', () => {
    const quality = { 'feed-age': { warnAt: 90, failAt: 180 }, 'stuck-stations': { isOff: true } }
    assert.deepEqual(parseSystems({ systems: [{ ...oslo, quality }] }, 'systems.json')[0]?.quality, quality)
    assert.match(mistakesIn([{ ...oslo, quality: { 'feed-age': { limit: 3 } } }]), /quality\/feed-age/)
  })

  it('that is not there says which command makes it', () => {
    assert.throws(() => loadSystems('/nowhere/systems.json'), /velocast system add/)
  })
})
