import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { resolvePorts } from '@velocast/local-stack'
import { databasePassword, dockerAddresses } from './docker-stack.ts'

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

  it('have one password, made once, beside what .env holds already', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'velocast-')), '.env')
    writeFileSync(file, 'OTHER=1')
    const made = await databasePassword(file)
    assert.match(made, /^[0-9a-f]{32}$/)
    assert.equal(await databasePassword(file), made)
    assert.match(readFileSync(file, 'utf8'), /^OTHER=1\nVELOCAST_DATABASE_PASSWORD=/)
    assert.ok(statSync(file).isFile())
  })
})
