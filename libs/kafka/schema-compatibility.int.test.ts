import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { allTopics, schemaText, type TopicName } from '@velocast/schemas'
import { createValueCodec } from './value-codec.ts'

const released = new URL('../../schemas/released/', import.meta.url)
const host = process.env.SCHEMA_REGISTRY_URL ?? 'http://127.0.0.1:8081/apis/ccompat/v7'

/** Every version that was ever released, oldest first. */
const releasedVersionsOf = (topic: TopicName): string[] =>
  readdirSync(released)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((version) => new URL(`${version}/${topic}.avsc`, released))
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, 'utf8'))

describe('schemas, by the rules of a real registry', () => {
  const registry = new SchemaRegistry({
    host,
    retry: { retries: 2 },
    // A request that the registry has lost is asked again, instead of waited for to the end of all tests.
    middlewares: [
      () => ({ prepareRequest: (next) => next().then((request) => request.enhance({ timeout: 10_000 })) }),
    ],
  })
  const prefix = `test-${randomUUID()}-`
  const subjects = new Set<string>()
  const register = async (subject: string, schema: string): Promise<number> => {
    subjects.add(subject)
    const { id } = await registry.register(
      { type: SchemaType.AVRO, schema },
      { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE },
    )
    return id
  }
  after(async () => {
    for (const subject of subjects) {
      await fetch(`${host}/subjects/${subject}`, { method: 'DELETE' })
      await fetch(`${host}/subjects/${subject}?permanent=true`, { method: 'DELETE' })
    }
  })

  for (const { name } of allTopics)
    it(`${name} can be read with, and by, every released version`, async () => {
      const versions = releasedVersionsOf(name)
      assert.ok(
        versions.length > 0,
        `schemas/released has no ${name}.avsc: with nothing to compare, nothing can fail`,
      )
      for (const schema of [...versions, schemaText(name)]) await register(`${prefix}${name}-value`, schema)
    })

  it('a subject that a killed process left without a rule gets it from the next', async () => {
    const topicPrefix = `${prefix}killed-`
    const subject = `${topicPrefix}alerts-value`
    subjects.add(subject)
    const response = await fetch(`${host}/subjects/${subject}/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: schemaText('alerts') }),
    })
    assert.equal(response.status, 200)
    const codec = createValueCodec({ registryUrl: host, topicPrefix, clientId: 'test' })
    await codec.prepareToWrite('alerts')
    const rule = (await (await fetch(`${host}/config/${subject}`)).json()) as { compatibilityLevel: string }
    assert.equal(rule.compatibilityLevel, 'FULL_TRANSITIVE')
  })

  it('processes that register a subject at the same moment all may write', async () => {
    for (let round = 0; round < 10; round++) {
      const topicPrefix = `${prefix}together-${round}-`
      subjects.add(`${topicPrefix}alerts-value`)
      const codecs = [1, 2, 3, 4].map((number) =>
        createValueCodec({ registryUrl: host, topicPrefix, clientId: `test-${number}` }),
      )
      await Promise.all(codecs.map((codec) => codec.prepareToWrite('alerts')))
    }
  })

  it('a change that is not compatible is refused', async () => {
    const subject = `${prefix}refused-value`
    const schema = JSON.parse(schemaText('alerts'))
    await register(subject, JSON.stringify(schema))
    const withoutDefault = { ...schema, fields: [...schema.fields, { name: 'added', type: 'string' }] }
    await assert.rejects(register(subject, JSON.stringify(withoutDefault)), /incompatible|409/i)
    const withDefault = {
      ...schema,
      fields: [...schema.fields, { name: 'added', type: 'string', default: '' }],
    }
    await register(subject, JSON.stringify(withDefault))
  })
})
