/** The thread's side of `openScoringThread`: holds one session, scores one batch at a time. */
import { parentPort, workerData } from 'node:worker_threads'
import { openSession } from './open-session.ts'
import type { FromScoringThread, ToScoringThread } from './scoring-thread.ts'

const port = parentPort!
const say = (message: FromScoringThread, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer)

const { graph } = workerData as { graph: Uint8Array }
try {
  const session = await openSession(Buffer.from(graph.buffer, graph.byteOffset, graph.byteLength))
  const { featureCount, outputNames } = session
  port.on('message', async ({ rows, count }: ToScoringThread) => {
    try {
      const outputs = await session.score(rows, count)
      // ONNX Runtime's own buffers cannot be handed over.
      const values = new Float32Array(outputNames.length * count)
      for (const [index, name] of outputNames.entries()) values.set(outputs[name]!, index * count)
      say({ kind: 'scored', values }, [values.buffer])
    } catch (error) {
      say({ kind: 'failed', detail: messageOf(error) })
    }
  })
  say({ kind: 'ready', featureCount, outputNames })
} catch (error) {
  say({ kind: 'failed', detail: messageOf(error) })
}

/** Written out: the runtime library, which has it, would be loaded anew in every thread. */
function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
