import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { waitFor } from '@velocast/testkit'
import { type JsonProcess, runJsonProcess } from './run-json-process.ts'

const MINUTE_MS = 60_000

/** Runs a script in a Node of its own and keeps what was heard of it. */
const run = (script: string, options: Partial<JsonProcess> = {}) => {
  const events: Record<string, unknown>[] = []
  const lines: string[] = []
  const result = runJsonProcess({
    command: process.execPath,
    args: ['--input-type=module', '--eval', script],
    env: {},
    signal: new AbortController().signal,
    timeoutMs: MINUTE_MS,
    onEvent: (event) => events.push(event),
    onLogLine: (line) => lines.push(line),
    ...options,
  })
  return { result, events, lines }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Says its pid, then stays until it is ended. */
const STAYS = `console.log(JSON.stringify({ event: 'up', pid: process.pid })); setInterval(() => {}, 1000);`

describe('a child that speaks JSON lines', () => {
  it('is heard event by event; what is not JSON is its log', async () => {
    const { result, events, lines } = run(
      `console.log('{"event":"progress","done":0.5}'); console.log('words'); console.log('{broken');
       console.error('a warning'); console.log('{"event":"done"}')`,
    )
    assert.deepEqual(await result, { exitCode: 0, detail: 'a warning' })
    assert.deepEqual(events, [{ event: 'progress', done: 0.5 }, { event: 'done' }])
    assert.deepEqual(lines.toSorted(), ['a warning', 'words', '{broken'])
  })

  it('ends with its exit code, and with what it said was wrong', async () => {
    const { result } = run(
      `console.log('{"event":"error","code":"x","detail":"too little"}'); console.error('noise'); process.exitCode = 2`,
    )
    assert.deepEqual(await result, { exitCode: 2, detail: 'too little' })
  })

  it('that breaks off is explained by the end of its log', async () => {
    const { result } = run(
      `for (let i = 0; i < 40; i++) console.error('line ' + i); throw new Error('a bug')`,
    )
    const { exitCode, detail } = await result
    assert.equal(exitCode, 1)
    assert.match(detail, /Error: a bug/)
    assert.doesNotMatch(detail, /line 0\n/)
  })

  it('that was killed is said to have been', async () => {
    const { result } = run(`process.kill(process.pid, 'SIGKILL')`)
    assert.deepEqual(await result, { exitCode: 1, detail: `${process.execPath} was ended by SIGKILL` })
  })

  it('that cannot be started is an exit code, too', async () => {
    const { exitCode, detail } = await run('', { command: '/nowhere/python' }).result
    assert.equal(exitCode, 1)
    assert.match(detail, /\/nowhere\/python cannot be started/)
  })

  it('is told to end when it takes too long', async () => {
    const { result, events } = run(
      `process.on('SIGTERM', () => { console.log('{"event":"ending"}'); process.exit(0) }); ${STAYS}`,
      { timeoutMs: 1_500 },
    )
    assert.deepEqual(await result, { exitCode: 124, detail: 'ended after 0.025 minutes' })
    assert.equal(events.at(-1)?.event, 'ending')
  })

  it('is ended by its starter, and has ended when that is reported', async () => {
    const stopping = new AbortController()
    const { result, events } = run(STAYS, { signal: stopping.signal })
    const { pid } = (await waitFor(() => events[0], { what: 'the first event' })) as {
      pid: number
    }
    stopping.abort(new Error('the service stops'))
    await assert.rejects(result, /the service stops/)
    assert.equal(isAlive(pid), false)
  })

  it('is ended before it says a word when the starter had stopped before', async () => {
    const signal = AbortSignal.abort(new Error('stopped before'))
    const { result, events } = run(STAYS, { signal, timeoutMs: 5_000 })
    await assert.rejects(result, /stopped before/)
    assert.deepEqual(events, [])
  })

  it('is killed when it does not listen', async () => {
    const { result } = run(`process.on('SIGTERM', () => {}); ${STAYS}`, {
      timeoutMs: 1_500,
      killAfterMs: 200,
    })
    assert.equal((await result).exitCode, 124)
  })

  it('sees nothing of the starter’s environment but PATH and HOME', async () => {
    process.env.VELOCAST_TEST_SECRET = 'secret'
    const { result, events } = run(
      `console.log(JSON.stringify({ names: Object.keys(process.env), word: process.env.WORD }))`,
      { env: { WORD: 'given' } },
    )
    await result
    delete process.env.VELOCAST_TEST_SECRET
    assert.equal(events[0]?.word, 'given')
    assert.ok(!String(events[0]?.names).includes('VELOCAST_TEST_SECRET'))
  })
})
