import { closeSync, openSync } from 'node:fs'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { messageOf } from '@velocast/runtime'
import { giveBackMemory } from './give-back-memory.ts'
import {
  ChecksumError,
  checkRows,
  type Outputs,
  type Scorer,
  ScorerUnavailableError,
  UnreachableGraphError,
} from './scorer.ts'

export interface ScoringThreadData {
  /** Of the graph's file, open for reading: descriptors are the process's, and every thread may read by them. */
  descriptor: number
  /** What the graph must have; anything else is not read. */
  sha256: string
  /** Of a batch. */
  mostRows: number
}

/** A batch, whose rows are in the memory that was given when the thread was ready. */
export interface ToScoringThread {
  count: number
  names: readonly string[]
}

/**
 * What both threads may touch, each when the other has spoken last: memory that goes to and fro, or is made anew, for each batch
 * costs as much as a tenth of scoring one station.
 */
interface BatchMemory {
  /** Row after row. */
  readonly rows: Float32Array<SharedArrayBuffer>
  /** One output after the other, as they were named, each a float a row. */
  readonly values: Float32Array<SharedArrayBuffer>
}

type Opened =
  | { kind: 'ready'; featureCount: number; outputNames: readonly string[]; memory: BatchMemory }
  | { kind: 'other-graph'; found: string; bytes: number }
  | { kind: 'no-graph'; detail: string }

type Said = { kind: 'scored' } | { kind: 'failed'; detail: string }

export type FromScoringThread = Opened | Said

/**
 * Whoever asks while a batch is being scored is in the next one. A batch is what a newcomer waits for.
 */
const ROWS_A_BATCH = 256
const RESTART_AFTER_MS = 1_000

interface Question {
  readonly rows: Float32Array
  readonly count: number
  readonly names: readonly string[]
  /** Rows that are or have been in a batch. */
  sent: number
  readonly outputs: Record<string, Float32Array>
  readonly answer: PromiseWithResolvers<Outputs>
}

interface Part {
  readonly question: Question
  readonly from: number
  readonly count: number
}

/**
 * A scorer as `openScorer` gives, that runs in a thread of its own: the event loop stays free however many rows there
 * are. Questions are scored together, oldest first. A thread that dies is started again with the same graph, and asked
 * again; a batch that kills two is given up, its promises reject. Where none can be started, as when there is no memory for it, all
 * promises reject with a `ScorerUnavailableError` until one can be, which is tried each second. A thread's memory goes back to the system.
 *
 * The graph is read, hashed and compiled in the thread: its megabytes beside the caller's heap would have V8 mark all of that heap. The
 * file is held open until the release, so that it may be renamed, replaced or removed meanwhile: another thread reads the same
 * bytes. What is written into it is found out by the hash, at every start. Rejects with a `ChecksumError` where the SHA-256 is
 * another, with an `UnreachableGraphError` where the file cannot be read.
 */
export const openScoringThread = async (
  file: string | URL,
  sha256: string,
  workerFile = new URL('./scoring-worker.ts', import.meta.url),
): Promise<Scorer> => {
  const descriptor = openGraphFile(file)
  const data: ScoringThreadData = { descriptor, sha256, mostRows: ROWS_A_BATCH }
  const waiting: Question[] = []
  let batch: { parts: Part[]; attempts: number } | null = null
  let isAsking = false
  let ended: Error | null = null
  /** Why there is no thread at the moment. */
  let missing: Error | null = null
  const stopping = new AbortController()
  let restarted: Promise<void> = Promise.resolve()
  let released: Promise<void> | null = null
  let drained = Promise.withResolvers<void>()

  const onMessage = (message: Said): void => {
    const { parts } = batch!
    batch = null
    if (message.kind === 'scored') {
      // At once: what is left of a question may be in the next batch, which may be answered before this one is.
      write(parts, memory.values)
      void answer(parts)
    } else giveUp(parts, new Error(`the model could not be run: ${message.detail}`))
    next()
  }

  const onDeath = (cause: Error): void => {
    if (!ended) restarted = restart(cause)
  }

  const restart = async (cause: Error): Promise<void> => {
    const stranded = batch
    if (stranded && stranded.attempts > 1) {
      batch = null
      giveUp(stranded.parts, new Error('the thread that scores has died twice of these rows', { cause }))
    }
    for (;;) {
      try {
        const { worker, ready } = await startThread(data, workerFile, onMessage, onDeath)
        thread = worker
        memory = ready.memory
        missing = null
        break
      } catch (error) {
        const why = `the thread that scores cannot be started again: ${messageOf(error)}`
        // The file is another one now: no thread can be had of it.
        if (error instanceof ChecksumError) return end(new Error(why, { cause: error }))
        missing = new ScorerUnavailableError(why, { cause: error })
        rejectAll(missing)
        await sleep(RESTART_AFTER_MS, undefined, { ref: false, signal: stopping.signal }).catch(() => {})
        if (ended) return
      }
    }
    if (ended) return
    if (batch) send()
    else next()
  }

  const send = (): void => {
    const { parts } = batch!
    batch!.attempts += 1
    let at = 0
    for (const { question, from, count } of parts) {
      memory.rows.set(question.rows.subarray(from * featureCount, (from + count) * featureCount), at)
      at += count * featureCount
    }
    const { names } = parts[0]!.question
    thread.postMessage({ count: countOf(parts), names } satisfies ToScoringThread)
  }

  /** What is asked in one turn of the event loop goes together: alone, the first would hold up all others by a run of its own. */
  const ask = (): void => {
    if (batch || isAsking) return
    isAsking = true
    setImmediate(() => {
      isAsking = false
      next()
    })
  }

  const next = (): void => {
    if (batch) return
    const parts = takeBatch(waiting)
    if (parts.length === 0) {
      drained.resolve()
      return
    }
    batch = { parts, attempts: 0 }
    send()
  }

  const giveUp = (parts: readonly Part[], error: Error): void => {
    for (const { question } of parts) {
      const at = waiting.indexOf(question)
      if (at >= 0) waiting.splice(at, 1)
      question.answer.reject(error)
    }
  }

  const rejectAll = (error: Error): void => {
    if (batch) giveUp(batch.parts, error)
    batch = null
    for (const { answer } of waiting.splice(0)) answer.reject(error)
    drained.resolve()
  }

  const end = (error: Error): void => {
    ended = error
    rejectAll(error)
    stopping.abort()
  }

  const release = async (): Promise<void> => {
    if (batch || waiting.length > 0) {
      drained = Promise.withResolvers()
      await drained.promise
    }
    end(new Error('the model has been released'))
    // One that is being started reads the file, and would be left over.
    await restarted
    await thread.terminate()
    closeSync(descriptor)
    await giveBackMemory()
  }

  let first: Awaited<ReturnType<typeof startThread>>
  try {
    first = await startThread(data, workerFile, onMessage, onDeath)
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
  const { featureCount, outputNames } = first.ready
  let { memory } = first.ready
  let thread = first.worker

  return {
    featureCount,
    outputNames,
    score: async (rows, count, names = outputNames) => {
      if (ended ?? missing) throw ended ?? missing
      checkRows(rows, count, featureCount)
      const values = new Float32Array(names.length * count)
      const outputs = Object.fromEntries(
        names.map((name, index) => [name, values.subarray(index * count, (index + 1) * count)]),
      )
      if (count === 0) return outputs
      const answer = Promise.withResolvers<Outputs>()
      waiting.push({ rows, count, names, sent: 0, outputs, answer })
      ask()
      return answer.promise
    },
    // Once: by the second time the descriptor may be another file's.
    release: () => (released ??= release()),
  }
}

/** At once: what the caller does next may keep its thread busy, and the scoring thread is to be at work by then. */
const openGraphFile = (file: string | URL): number => {
  try {
    return openSync(file, 'r')
  } catch (error) {
    throw new UnreachableGraphError(messageOf(error), { cause: error })
  }
}

/** What reading a graph leaves behind is given back early, and not kept for as long as the model is. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 }

type Ready = Extract<Opened, { kind: 'ready' }>

/** Resolves when the thread has loaded the graph. Rejects when it cannot: then no death is reported. */
const startThread = async (
  data: ScoringThreadData,
  workerFile: URL,
  onMessage: (message: Said) => void,
  onDeath: (cause: Error) => void,
): Promise<{ worker: Worker; ready: Ready }> => {
  const worker = new Worker(workerFile, { workerData: data, resourceLimits })
  // A thread without work keeps no process alive.
  worker.unref()
  const opened = Promise.withResolvers<Ready>()
  let isReady = false
  let cause: Error | null = null
  worker.on('message', (message: FromScoringThread) => {
    if (message.kind === 'ready') {
      isReady = true
      opened.resolve(message)
    } else if (message.kind === 'other-graph') opened.reject(new ChecksumError(message.found, message.bytes))
    else if (message.kind === 'no-graph') opened.reject(new UnreachableGraphError(message.detail))
    else if (isReady) onMessage(message)
    else opened.reject(new Error((message as { detail: string }).detail))
  })
  worker.on('error', (error) => {
    cause = error
  })
  worker.on('exit', (code) => {
    const death = cause ?? new Error(`the thread ended with code ${code}`)
    if (isReady) onDeath(death)
    else opened.reject(death)
  })
  try {
    return { worker, ready: await opened.promise }
  } catch (error) {
    await worker.terminate()
    throw error
  }
}

const countOf = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + part.count, 0)

const write = (parts: readonly Part[], values: Float32Array): void => {
  const count = countOf(parts)
  let at = 0
  for (const { question, from, count: some } of parts) {
    for (const [index, name] of question.names.entries())
      question.outputs[name]!.set(values.subarray(index * count + at, index * count + at + some), from)
    at += some
  }
}

/** What is made of an answer takes about as long as scoring it did: others, such as a probe, get their turn between. */
const ANSWERS_A_TURN = 4

const answer = async (parts: readonly Part[]): Promise<void> => {
  let answered = 0
  for (const { question, from, count } of parts) {
    if (from + count < question.count) continue
    question.answer.resolve(question.outputs)
    if (++answered % ANSWERS_A_TURN === 0) await nextTurn()
  }
}

/**
 * As many rows as a batch holds, of the oldest questions that ask for the same outputs; one that has more goes on in the
 * next batch.
 */
const takeBatch = (waiting: Question[]): Part[] => {
  const parts: Part[] = []
  let room = ROWS_A_BATCH
  while (room > 0 && waiting.length > 0) {
    const question = waiting[0]!
    if (parts[0] && question.names.join() !== parts[0].question.names.join()) break
    const count = Math.min(room, question.count - question.sent)
    parts.push({ question, from: question.sent, count })
    question.sent += count
    room -= count
    if (question.sent === question.count) waiting.shift()
  }
  return parts
}
