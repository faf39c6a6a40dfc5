import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { resolvePorts } from '@velocast/local-stack'
import { readContainers } from './read-containers.ts'

const containers = [
  { Service: 'kafka', State: 'running', Health: 'healthy', Name: 'velocast-kafka-1' },
  { Service: 'postgres', State: 'running', Health: 'starting' },
  { Service: 'registry', State: 'exited', Health: '' },
]

describe('what Docker Compose says of the containers', () => {
  const read = (output: string) =>
    readContainers(output, resolvePorts({})).map(({ server, isRunning, state }) => [server, isRunning, state])

  const expected = [
    ['postgres', false, 'running, starting'],
    ['kafka', true, 'running, healthy'],
    ['registry', false, 'exited'],
    ['mlflow', false, 'not made yet'],
  ]

  it('is read from a line a container', () => {
    assert.deepEqual(read(`${containers.map((each) => JSON.stringify(each)).join('\n')}\n`), expected)
  })

  it('is read from one array, as before 2.21', () => {
    assert.deepEqual(read(JSON.stringify(containers)), expected)
  })

  it('is nothing before the first start', () => {
    for (const output of ['', '[]'])
      for (const [server, isRunning, state] of read(output))
        assert.deepEqual([isRunning, state], [false, 'not made yet'], `${server} in "${output}"`)
  })
})
