import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AskDocker, type DockerAnswer, dockerAnswers, findDockerProblem } from './find-docker-problem.ts'

const said = (stdout: string): DockerAnswer => ({ code: 0, stdout: `${stdout}\n`, stderr: '' })
const refused = (stderr: string): DockerAnswer => ({ code: 1, stdout: '', stderr: `${stderr}\n` })

const machine =
  ({ engine = said('26.1.5+dfsg1'), compose = said('2.26.1-4') }): AskDocker =>
  async ([command]) =>
    command === 'compose' ? compose : engine

const noCommand: DockerAnswer = { code: 'ENOENT', stdout: '', stderr: '' }
const noAnswer: DockerAnswer = { code: 'TIMEOUT', stdout: '', stderr: '' }
const stopped = refused(
  'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
)
const forbidden = refused(
  'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
)

describe('what keeps containers from running', () => {
  it('is nothing where engine and plugin are new enough, however their versions are written', async () => {
    for (const engine of ['25.0.0', '26.1.5+dfsg1', '28.2', '100.0.0-rc.1'])
      assert.equal(await findDockerProblem(machine({ engine: said(engine) })), null, engine)
    for (const compose of ['2.20.2', 'v2.26.1-4', '2.40', '5.0.1'])
      assert.equal(await findDockerProblem(machine({ compose: said(compose) })), null, compose)
  })

  const problems: [string, Parameters<typeof machine>[0], RegExp][] = [
    ['no command', { engine: noCommand }, /no command `docker`: install/],
    ['an engine that is silent', { engine: noAnswer }, /not answered within 5 s: restart/],
    ['a stopped engine', { engine: stopped }, /\(Cannot connect .*\): start it, by `sudo systemctl/],
    ['a user without the right', { engine: forbidden }, /`sudo usermod .*docker/],
    ['an old engine', { engine: said('20.10.24+dfsg1') }, /Engine 20\.10\.24\+dfsg1 is too old: 25/],
    [
      'no compose plugin',
      { compose: refused('docker: unknown command: docker compose') },
      /no compose plugin.*install the package/,
    ],
    ['an old compose plugin', { compose: said('2.20.1') }, /plugin 2\.20\.1 is too old: 2\.20\.2/],
  ]
  for (const [name, parts, expected] of problems)
    it(`is ${name}, with what to do about it`, async () => {
      assert.match((await findDockerProblem(machine(parts)))!, expected)
    })

  it('is not the same question as whether an engine answers', async () => {
    assert.equal(await dockerAnswers(machine({ compose: refused('') })), true)
    assert.equal(await dockerAnswers(machine({ engine: stopped })), false)
  })

  it('is found out on a machine without Docker by the real question, too', async () => {
    const path = process.env.PATH
    process.env.PATH = '/nowhere'
    try {
      assert.match((await findDockerProblem())!, /no command `docker`/)
    } finally {
      process.env.PATH = path
    }
  })
})
