import assert from 'node:assert/strict'
import { test } from 'node:test'
import { resolvePorts } from './ports.ts'

test('the standard ports are used when nothing is set', () => {
  assert.deepEqual(resolvePorts({}), {
    postgres: 5432,
    kafka: 9092,
    kafkaController: 9093,
    registry: 8081,
    mlflow: 5000,
  })
})

test('an offset moves every port that is not set alone', () => {
  const ports = resolvePorts({
    VELOCAST_PORT_OFFSET: '10000',
    VELOCAST_KAFKA_PORT: '9999',
    VELOCAST_MLFLOW_PORT: '',
  })
  assert.deepEqual(ports, {
    postgres: 15_432,
    kafka: 9999,
    kafkaController: 19_093,
    registry: 18_081,
    mlflow: 15_000,
  })
})

test('every mistake is named in one error', () => {
  const env = {
    VELOCAST_POSTGRES_PORT: 'five',
    VELOCAST_MLFLOW_PORT: '70000',
    VELOCAST_KAFKA_CONTROLLER_PORT: '9092',
  }
  assert.throws(() => resolvePorts(env), {
    message:
      "The stack's ports cannot be used:\n" +
      '  VELOCAST_POSTGRES_PORT is "five": a whole number from 1 to 65535 is needed\n' +
      '  VELOCAST_MLFLOW_PORT is "70000": a whole number from 1 to 65535 is needed\n' +
      '  VELOCAST_KAFKA_PORT and VELOCAST_KAFKA_CONTROLLER_PORT are both 9092',
  })
})

test('an offset that moves a port past the last one is refused', () => {
  assert.throws(
    () => resolvePorts({ VELOCAST_PORT_OFFSET: '57000' }),
    /moves the port of kafka to 66092, past 65535/,
  )
})
