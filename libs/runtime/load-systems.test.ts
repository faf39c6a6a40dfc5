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
  })

  it('names the file, the place and the mistake', () => {
    assert.match(mistakesIn([{ ...oslo, latitude: 200 }]), /systems\.json\/systems\/0\/latitude/)
    assert.match(mistakesIn([{ ...oslo, timeZone: 'Europe/Olso' }]), /oslo: timeZone "Europe\/Olso"/)
    assert.match(mistakesIn([{ ...oslo, country: 'norway' }]), /country "norway"/)
    assert.match(mistakesIn([{ ...oslo, systemId: 'os/lo' }]), /systemId may hold/)
  })

  it('refuses a system that is there twice, and two that share a model', () => {
    const text = mistakesIn([oslo, oslo])
    assert.match(text, /oslo is there twice/)
    assert.match(text, /shares the model "velocast"/)
    assert.equal(mistakesIn([oslo, { ...oslo, systemId: 'bergen', modelName: 'velocast-bergen' }]), '')
  })

  it('that is not there says which command makes it', () => {
    assert.throws(() => loadSystems('/nowhere/systems.json'), /velocast system add/)
  })
})
