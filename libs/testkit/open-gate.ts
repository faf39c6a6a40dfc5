import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Gate {
  /** The address given to `openGate`, by way of the gate. */
  url: string
  /** Breaks every connection, and refuses new ones until `open`. */
  shut: () => Promise<void>
  open: () => Promise<void>
  close: () => Promise<void>
}

/**
 * A way to a server that a test can shut, so that the server is away for one client only, while other tests use it.
 * Not for Kafka, whose clients connect to the addresses that the broker tells them.
 */
export const openGate = async (url: string): Promise<Gate> => {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer((inside) => {
    const outside = connect(Number(target.port), target.hostname)
    for (const [socket, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  const listenOn = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listenOn(0)
  const { port } = server.address() as AddressInfo
  const address = new URL(url)
  address.host = `127.0.0.1:${port}`

  const shut = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { url: address.href, shut, open: () => listenOn(port), close: shut }
}
