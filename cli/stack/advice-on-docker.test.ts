import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { adviceOnDocker } from './advice-on-docker.ts'

/** What Docker Compose 2.26 or 2.40 on engine 26.1, or a server's log, said in each of these troubles. */
const troubles: [string, string, RegExp][] = [
  [
    'a port that is taken',
    'Error response from daemon: driver failed programming external connectivity on endpoint velocast-kafka-1 (61685fcf): Error starting userland proxy: listen tcp4 127.0.0.1:29092: bind: address already in use',
    /VELOCAST_PORT_OFFSET/,
  ],
  [
    'a volume that another checkout made',
    'dependency failed to start: container velocast-postgres-1 is unhealthy\nFATAL:  password authentication failed for user "velocast"\nDETAIL:  Connection matched file "pg_hba.conf" line 128: "host all all all scram-sha-256"',
    /another password.*\.env.*down --volumes/,
  ],
  [
    'databases that were not finished',
    'FATAL:  password authentication failed for user "velocast"\nDETAIL:  Role "velocast" does not exist.',
    /cut short.*down --volumes/,
  ],
  [
    'a cluster that was not finished',
    'FATAL:  no pg_hba.conf entry for host "172.23.0.3", user "velocast", database "velocast", no encryption',
    /cut short.*down --volumes/,
  ],
  [
    'an engine that stops in the middle',
    'dependency failed to start: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    /engine has gone away. Start it/,
  ],
  [
    'plugins that do not go together',
    'compose build requires buildx 0.17 or later',
    /buildx plugin is too old/,
  ],
  [
    'an image out of reach',
    'Error response from daemon: Get "https://images.example/v2/": dial tcp: lookup images.example on 192.0.2.1:53: no such host',
    /could not be fetched/,
  ],
]

describe('advice on a failure of the containers', () => {
  for (const [name, said, expected] of troubles)
    it(`is given for ${name}`, () => {
      assert.match(adviceOnDocker(said)!, expected)
    })

  it('is not given where the words must do', () => {
    assert.equal(adviceOnDocker('yaml: line 3: mapping values are not allowed in this context'), null)
  })
})
