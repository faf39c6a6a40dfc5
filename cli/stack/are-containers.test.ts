import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { areContainers, requireWayToRun } from './are-containers.ts'
import type { AskDocker } from './find-docker-problem.ts'

const engine: AskDocker = async () => ({ code: 0, stdout: '28.0.0', stderr: '' })
const noEngine: AskDocker = async () => ({ code: 'ENOENT', stdout: '', stderr: '' })

describe('whether the servers are containers', () => {
  it('is as VELOCAST_SERVERS says', async () => {
    assert.equal(await areContainers({ wanted: 'containers', canRunProcesses: true, ask: noEngine }), true)
    assert.equal(await areContainers({ wanted: 'processes', canRunProcesses: false, ask: engine }), false)
    await assert.rejects(
      areContainers({ wanted: 'docker', canRunProcesses: true, ask: engine }),
      /VELOCAST_SERVERS is "docker": it can be processes or containers/,
    )
  })

  it('is otherwise so only where an engine answers and plain processes cannot be had', async () => {
    const choice = (canRunProcesses: boolean, ask: AskDocker) =>
      areContainers({ wanted: undefined, canRunProcesses, ask })
    assert.equal(await choice(true, engine), false)
    assert.equal(await choice(false, engine), true)
    assert.equal(await choice(false, noEngine), false)
  })

  it('is no question where there is neither: both ways are named, and what is missing', async () => {
    await requireWayToRun({ wanted: undefined, canRunProcesses: true, ask: noEngine })
    await requireWayToRun({ wanted: undefined, canRunProcesses: false, ask: engine })
    // Who has chosen hears from the choice itself what it lacks.
    await requireWayToRun({ wanted: 'processes', canRunProcesses: false, ask: noEngine })
    await assert.rejects(
      requireWayToRun({ wanted: undefined, canRunProcesses: false, ask: noEngine }),
      /root on Debian or Ubuntu \(.* sudo\), or as containers .* no command `docker`/,
    )
  })
})
