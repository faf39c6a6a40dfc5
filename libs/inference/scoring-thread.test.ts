import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { openScorer } from './open-scorer.ts'
import { ChecksumError, type Outputs, ScorerUnavailableError, UnreachableGraphError } from './scorer.ts'
import { openScoringThread } from './scoring-thread.ts'
import { letHelpersStepBack } from './step-back.ts'
import { makeBundle } from './testing/index.ts'

const graph = await makeBundle({ trees: 20, leaves: 16, leafSpread: 1 }).read('model.onnx')
const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
const sha256 = sha256Of(graph)
const folder = mkdtempSync(join(tmpdir(), 'velocast-scoring-'))
after(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'model.onnx')
writeFileSync(file, graph)

const session = await openScorer(graph)
after(() => session.release())

const rowsOf = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count * session.featureCount }, (_, index) => Math.sin(seed + index * 1.7) * 40)

/** A worker that ends as often as it is told to before it scores, and is the real one from then on. */
const dyingWorker = (times: number): URL => {
  const counter = join(folder, `deaths-${times}`)
  writeFileSync(counter, '0')
  const file = join(folder, `dies-${times}.mjs`)
  const real = new URL('./scoring-worker.ts', import.meta.url).href
  writeFileSync(
    file,
    `import { readFileSync, writeFileSync } from 'node:fs'
     import { parentPort } from 'node:worker_threads'
     const deaths = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'))
     if (deaths < ${times}) parentPort.on('message', () => {
       writeFileSync(${JSON.stringify(counter)}, String(deaths + 1))
       process.exit(7)
     })
     await import(${JSON.stringify(real)})`,
  )
  return pathToFileURL(file)
}

test('questions asked at once, of any size, each get the numbers of a session of their own', async () => {
  const thread = await openScoringThread(file, sha256)
  assert.deepEqual(thread.outputNames, session.outputNames)
  const questions = [1, 24, 0, 700, 3, 168, 256, 257].map((count, seed) => ({
    count,
    rows: rowsOf(count, seed),
  }))
  const answers = await Promise.all(questions.map(({ rows, count }) => thread.score(rows, count)))
  for (const [index, { rows, count }] of questions.entries())
    if (count > 0) assert.deepEqual(answers[index], { ...(await session.score(rows, count)) })
  await thread.release()
})

test('the event loop turns while rows are scored', async () => {
  const thread = await openScoringThread(file, sha256)
  let isDone = false
  const scoring = thread.score(rowsOf(20_000, 1), 20_000).then(() => {
    isDone = true
  })
  let turns = 0
  for (; !isDone; turns++) await turn()
  await scoring
  assert.ok(turns > 100, `${turns} turns`)
  await thread.release()
})

test('what was asked before the release is answered, what comes after is not', async () => {
  const thread = await openScoringThread(file, sha256)
  const answers = [1, 2, 3].map((seed) => thread.score(rowsOf(300, seed), 300))
  await thread.release()
  assert.equal((await Promise.all(answers)).length, 3)
  await assert.rejects(thread.score(rowsOf(1, 1), 1), /has been released/)
})

test('a graph that is none is refused with the reason', async () => {
  for (const content of ['no graph', '']) {
    const none = join(folder, 'none.onnx')
    writeFileSync(none, content)
    await assert.rejects(openScoringThread(none, sha256Of(Buffer.from(content))), /protobuf|model/i)
  }
})

test('a graph with another checksum is not read, whatever it is', async () => {
  await assert.rejects(openScoringThread(file, 'a'.repeat(64)), (error) => {
    assert.ok(error instanceof ChecksumError)
    assert.deepEqual([error.found, error.bytes], [sha256, graph.length])
    return true
  })
})

test('a file that is not there, or is none, is told apart from a wrong one', async () => {
  for (const path of [join(folder, 'nowhere.onnx'), folder])
    await assert.rejects(openScoringThread(path, sha256), UnreachableGraphError)
})

test('too few floats for the rows are refused', async () => {
  const thread = await openScoringThread(file, sha256)
  await assert.rejects(thread.score(new Float32Array(3), 2), RangeError)
  await thread.release()
})

test('a thread that dies is started again, and no question is lost', async () => {
  const thread = await openScoringThread(file, sha256, dyingWorker(1))
  const rows = rowsOf(24, 5)
  const [first, second] = await Promise.all([thread.score(rows, 24), thread.score(rows, 24)])
  assert.deepEqual(first, { ...(await session.score(rows, 24)) })
  assert.deepEqual(second, first)
  await thread.release()
})

test('rows of which a thread dies twice are given up, and others are scored', async () => {
  const thread = await openScoringThread(file, sha256, dyingWorker(2))
  await assert.rejects(thread.score(rowsOf(2, 1), 2), /died twice/)
  const rows = rowsOf(24, 5)
  assert.deepEqual(await thread.score(rows, 24), { ...(await session.score(rows, 24)) })
  await thread.release()
})

test('where no thread can be started, all is refused until one can be', async () => {
  const worker = join(folder, 'not-started-again.mjs')
  const starts = join(folder, 'starts')
  writeFileSync(starts, '0')
  writeFileSync(
    worker,
    `import { readFileSync, writeFileSync } from 'node:fs'
     const start = Number(readFileSync(${JSON.stringify(starts)}, 'utf8'))
     writeFileSync(${JSON.stringify(starts)}, String(start + 1))
     if (start === 1) throw new Error('no memory')
     await import(${JSON.stringify(dyingWorker(1).href)})`,
  )
  const thread = await openScoringThread(file, sha256, pathToFileURL(worker))
  const rows = rowsOf(24, 5)
  for (let time = 0; time < 2; time++)
    await assert.rejects(thread.score(rows, 24), (error) => {
      assert.ok(error instanceof ScorerUnavailableError)
      assert.match(error.message, /cannot be started again: no memory/)
      return true
    })
  let answer: Outputs | null = null
  while (!answer) {
    await sleep(25)
    answer = await thread.score(rows, 24).catch(() => null)
  }
  assert.deepEqual(answer, { ...(await session.score(rows, 24)) })
  await thread.release()
})

test('a file that is renamed, replaced or removed while its model is in use is read all the same', async () => {
  const moved = join(folder, 'moved.onnx')
  for (const change of [
    () => renameSync(moved, join(folder, 'kept.onnx')),
    () => {
      writeFileSync(join(folder, 'next.onnx'), 'another graph')
      renameSync(join(folder, 'next.onnx'), moved)
    },
    () => rmSync(moved),
  ]) {
    copyFileSync(file, moved)
    const thread = await openScoringThread(pathToFileURL(moved), sha256, dyingWorker(1))
    change()
    const rows = rowsOf(24, 5)
    assert.deepEqual(await thread.score(rows, 24), { ...(await session.score(rows, 24)) })
    await thread.release()
  }
})

test('a file that is written into while its model is in use gives no other model: nothing is scored any more', async () => {
  const spoiled = join(folder, 'spoiled.onnx')
  const other = await makeBundle({ seed: 2 }).read('model.onnx')
  copyFileSync(file, spoiled)
  const thread = await openScoringThread(spoiled, sha256, dyingWorker(1))
  writeFileSync(spoiled, other)
  const refusal = new RegExp(`cannot be started again: the graph's SHA-256 is ${sha256Of(other)}`)
  await assert.rejects(thread.score(rowsOf(24, 5), 24), refusal)
  await assert.rejects(thread.score(rowsOf(24, 5), 24), refusal)
  await thread.release()
})

test('a file is held open until its model is released, and no longer where it was refused', {
  skip: process.platform !== 'linux',
}, async () => {
  const held = (): number => readdirSync('/proc/self/fd').filter((each) => linkOf(each) === file).length
  const linkOf = (descriptor: string): string | null => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`)
    } catch {
      return null
    }
  }
  const before = held()
  const thread = await openScoringThread(file, sha256)
  await assert.rejects(openScoringThread(file, 'a'.repeat(64)), ChecksumError)
  assert.equal(held(), before + 1)
  await Promise.all([thread.release(), thread.release()])
  assert.equal(held(), before)
})

test('a question of two batches is whole when it is answered, however many are answered before it', async () => {
  const thread = await openScoringThread(file, sha256)
  const rows = rowsOf(10, 1)
  const expected = await session.score(rows, 10)
  for (let time = 0; time < 5; time++) {
    // A batch is 256 rows: six of the ten are in the first, behind 250 answers that take their time.
    const others = Array.from({ length: 250 }, async () => {
      await thread.score(rows, 1)
      for (const end = performance.now() + 0.1; performance.now() < end; );
    })
    const found = await thread.score(rows, 10)
    // As it was answered, and not as it becomes.
    const copy = structuredClone(found)
    await Promise.all(others)
    if (time === 4) await thread.release()
    assert.deepEqual(copy, expected)
  }
})

/** By thread: its name, and its niceness beyond the process's. */
const threads = (): { name: string; back: number }[] =>
  readdirSync('/proc/self/task').map((thread) => {
    // The 2nd field is a name in brackets that may hold anything, the 19th the niceness.
    const [, name, rest] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8'))!
    return { name: name!, back: Number(rest!.split(' ')[16]) - getPriority() }
  })
const linuxAlone = { skip: process.platform !== 'linux' }

test('the thread that scores lets others go first, and nobody else does', linuxAlone, async () => {
  const behind = () => threads().filter(({ back }) => back === 5).length
  const before = behind()
  const thread = await openScoringThread(file, sha256)
  const after = behind()
  await thread.release()
  assert.equal(after, before + 1)
})

test(
  'the threads that V8 collects and compiles with step back as far, and nobody else does',
  linuxAlone,
  () => {
    const others = () => threads().filter(({ name }) => name !== 'V8Worker')
    const before = others()
    letHelpersStepBack()
    const helpers = threads().filter(({ name }) => name === 'V8Worker')
    assert.ok(helpers.length > 0)
    for (const { back } of helpers) assert.equal(back, 5)
    assert.deepEqual(others(), before)
  },
)
