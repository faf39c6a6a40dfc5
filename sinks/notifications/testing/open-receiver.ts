/** A webhook on this machine: keeps what is posted, and answers as it is told. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { waitFor } from '@velocast/testkit'

export type Answer = { status: number; headers?: Record<string, string>; body?: string } | 'silence'

export interface Receiver {
  /** Holds what must be in no log: `secret`. */
  address: string
  /** To one request each, in order; to all others, `usually`. */
  answerNext: (...answers: Answer[]) => void
  usually: (answer: Answer) => void
  /** All that was posted, whatever was answered. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever was posted.
  bodies: () => any[]
  /** What was acknowledged. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever was posted.
  acknowledged: () => any[]
  /** Resolves when somebody is kept waiting. */
  asked: () => Promise<unknown>
  close: () => Promise<void>
}

export const openReceiver = async (): Promise<Receiver> => {
  const bodies: unknown[] = []
  const acknowledged: unknown[] = []
  const next: Answer[] = []
  let usual: Answer = { status: 200, body: 'ok' }
  let silences = 0
  let awaited = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body = JSON.parse(Buffer.concat(chunks).toString())
    bodies.push(body)
    const answer = next.shift() ?? usual
    if (answer === 'silence') {
      silences += 1
      return
    }
    if (answer.status < 300) acknowledged.push(body)
    response.writeHead(answer.status, answer.headers).end(answer.body ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}/services/secret`,
    answerNext: (...answers) => {
      awaited = silences
      next.push(...answers)
    },
    usually: (answer) => {
      usual = answer
    },
    bodies: () => bodies,
    acknowledged: () => acknowledged,
    asked: () => waitFor(() => silences > awaited, { what: 'somebody is kept waiting' }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
