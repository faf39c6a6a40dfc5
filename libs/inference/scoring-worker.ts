/** The thread's side of `openScoringThread`: holds one model, scores one batch at a time. */
import { createHash } from 'node:crypto'
import { fstatSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { openScorer } from './open-scorer.ts'
import type { FromScoringThread, ScoringThreadData, ToScoringThread } from './scoring-thread.ts'
import { stepBack } from './step-back.ts'

const port = parentPort!
const say = (message: FromScoringThread): void => port.postMessage(message)

/** Milliseconds that this thread goes on for, and then rests: as short as a rest can be, and most of it is the kernel's. */
const TURN_MS = 1
const REST_MS = 0.01
const nobody = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
let turnBeganAt = 0

/**
 * Whoever wakes up on the core of one that runs waits for the end of its slice, some three milliseconds, also where it goes first
 * otherwise. A batch of many is not to hold up the event loop for so long; one of few is over before.
 */
const restNowAndThen = (): void => {
  if (performance.now() - turnBeganAt < TURN_MS) return
  Atomics.wait(nobody, 0, 0, REST_MS)
  turnBeganAt = performance.now()
}

/** From its beginning, wherever the thread before has come to. */
const readWhole = (descriptor: number): Buffer => {
  const content = Buffer.allocUnsafeSlow(fstatSync(descriptor).size)
  let at = 0
  let bytes: number
  do {
    bytes = readSync(descriptor, content, at, content.length - at, at)
    at += bytes
  } while (bytes > 0)
  return content.subarray(0, at)
}

const { descriptor, sha256, mostRows } = workerData as ScoringThreadData
const open = async (): Promise<void> => {
  let content: Buffer
  try {
    content = readWhole(descriptor)
  } catch (error) {
    return say({ kind: 'no-graph', detail: messageOf(error) })
  }
  const found = createHash('sha256').update(content).digest('hex')
  if (found !== sha256) return say({ kind: 'other-graph', found, bytes: content.length })
  // Nobody else waits in this thread: a batch is run at once.
  const options = { rowsARun: Number.POSITIVE_INFINITY, onPiece: restNowAndThen }
  const scorer = await openScorer(content, options)
  const { featureCount, outputNames } = scorer
  const rows = sharedFloats(mostRows * featureCount)
  const values = sharedFloats(mostRows * outputNames.length)
  port.on('message', async ({ count, names }: ToScoringThread) => {
    turnBeganAt = performance.now()
    try {
      const outputs = await scorer.score(rows, count, names)
      for (const [index, name] of names.entries()) values.set(outputs[name]!, index * count)
      say({ kind: 'scored' })
    } catch (error) {
      say({ kind: 'failed', detail: messageOf(error) })
    }
  })
  say({ kind: 'ready', featureCount, outputNames, memory: { rows, values } })
}

const sharedFloats = (length: number): Float32Array<SharedArrayBuffer> =>
  new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT))

/** Written out: the runtime library, which has it, would be loaded anew in every thread. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

try {
  stepBack()
  await open()
} catch (error) {
  say({ kind: 'failed', detail: messageOf(error) })
}
