/** The thread's side of `openScoringThread`: holds one model, scores one batch at a time. */
import { createHash } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { openScorer } from './open-scorer.ts'
import type { FromScoringThread, ScoringThreadData, ToScoringThread } from './scoring-thread.ts'

const port = parentPort!
const say = (message: FromScoringThread, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer)

const { graph, sha256 } = workerData as ScoringThreadData
const open = async (): Promise<void> => {
  const content = Buffer.from(graph.buffer, graph.byteOffset, graph.byteLength)
  const found = createHash('sha256').update(content).digest('hex')
  if (found !== sha256) return say({ kind: 'other-graph', found })
  // Nobody else waits in this thread: a batch is run at once.
  const options = { rowsARun: Number.POSITIVE_INFINITY }
  const scorer = await openScorer(content, options)
  const { featureCount, outputNames } = scorer
  port.on('message', async ({ rows, count, names }: ToScoringThread) => {
    try {
      const outputs = await scorer.score(rows, count, names)
      // ONNX Runtime's own buffers cannot be handed over.
      const values = new Float32Array(names.length * count)
      for (const [index, name] of names.entries()) values.set(outputs[name]!, index * count)
      say({ kind: 'scored', values }, [values.buffer])
    } catch (error) {
      say({ kind: 'failed', detail: messageOf(error) })
    }
  })
  say({ kind: 'ready', featureCount, outputNames })
}

/** Written out: the runtime library, which has it, would be loaded anew in every thread. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

try {
  await open()
} catch (error) {
  say({ kind: 'failed', detail: messageOf(error) })
}
