import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Type } from 'typebox'
import { ConfigError, configFragments, loadConfig } from './load-config.ts'

const schema = Type.Object({
  ...configFragments.kafka,
  PORT: Type.Integer({ minimum: 1, maximum: 65535, description: 'where it listens' }),
  NAME: Type.Optional(Type.String({ description: 'what it is called' })),
})

const mistakesOf = (env: Record<string, string>): readonly string[] => {
  try {
    loadConfig(schema, env)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.mistakes
  }
}

describe('configuration from the environment', () => {
  it('has defaults, is converted, and leaves optional variables out', () => {
    const config = loadConfig(schema, { PORT: '8080', KAFKA_PARTITIONS: '6', UNKNOWN: 'x' })
    assert.equal(config.PORT, 8080)
    assert.equal(config.KAFKA_PARTITIONS, 6)
    assert.equal(config.KAFKA_BROKERS, '127.0.0.1:9092')
    assert.ok(!('NAME' in config) && !('UNKNOWN' in config))
  })

  it('lists every mistake at once, each with what the variable is for', () => {
    const mistakes = mistakesOf({ KAFKA_PARTITIONS: 'many' })
    assert.equal(mistakes.length, 2)
    assert.match(mistakes.join('\n'), /KAFKA_PARTITIONS="many".*partitions of every topic/)
    assert.match(mistakes.join('\n'), /PORT is missing: where it listens/)
  })

  it('refuses a number out of its range, and takes an empty variable for an absent one', () => {
    assert.match(mistakesOf({ PORT: '70000' })[0] ?? '', /PORT=70000/)
    assert.match(mistakesOf({ PORT: '' })[0] ?? '', /PORT is missing/)
  })
})
