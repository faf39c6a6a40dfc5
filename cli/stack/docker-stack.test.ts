import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { resolvePorts } from '@velocast/local-stack'
import { dockerAddresses } from './docker-stack.ts'

const compose = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8')

describe('the servers as containers', () => {
  it('are looked for on the ports that docker-compose.yml publishes', () => {
    const ports = resolvePorts({})
    const addresses = dockerAddresses(ports, 'a/b')
    assert.deepEqual(addresses.kafkaBrokers, ['127.0.0.1:9092'])
    assert.equal(addresses.databaseUrl, 'postgresql://velocast:a%2Fb@127.0.0.1:5432/velocast')
    for (const [name, port] of Object.entries({
      POSTGRES: ports.postgres,
      KAFKA: ports.kafka,
      REGISTRY: ports.registry,
      MLFLOW: ports.mlflow,
    }))
      assert.match(compose, new RegExp(`127\\.0\\.0\\.1:\\$\\{VELOCAST_${name}_PORT:-${port}\\}:`))
  })
})
