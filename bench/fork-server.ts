/** A server in a process of its own, that answers questions about itself in their order. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

export interface ForkedServer {
  port: number
  ask: <T>(question: string) => Promise<T>
  close: () => Promise<void>
}

/** `file` sends `{ port }` once it listens, then a message for each that it is sent; it ends when it is disconnected. */
export const forkServer = async (
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
  nodeOptions: readonly string[] = [],
): Promise<ForkedServer> => {
  const child = fork(file, args, {
    env: { ...process.env, ...env },
    execArgv: [...process.execArgv, ...nodeOptions],
  })
  const { port } = await messageOf<{ port: number }>(child)
  return {
    port,
    ask: (question) => {
      child.send(question)
      return messageOf(child)
    },
    close: async () => {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}

const messageOf = async <T>(child: ChildProcess): Promise<T> => (await once(child, 'message'))[0] as T
