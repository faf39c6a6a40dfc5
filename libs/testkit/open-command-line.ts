import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { leastEnvironment } from './spawn-service.ts'

export interface CommandRequest {
  words: readonly string[]
  /** All of the command's environment. */
  env: Record<string, string>
}

export interface CommandAnswer {
  code: number
  stdout: string
  stderr: string
}

export interface CommandLine {
  /** Does one command after the other, in the order of asking, with `env` added to the least environment. */
  run: (words: readonly string[], env?: Record<string, string>) => Promise<CommandAnswer>
  close: () => void
}

/** `file` is a program that answers each CommandRequest it is sent with a CommandAnswer, in their order. */
export const openCommandLine = (file: string | URL): CommandLine => {
  const child = fork(file instanceof URL ? fileURLToPath(file) : file, {
    execArgv: ['--no-warnings'],
    env: leastEnvironment(),
  })
  const waiting: PromiseWithResolvers<CommandAnswer>[] = []
  child.on('message', (answer: CommandAnswer) => waiting.shift()?.resolve(answer))
  child.once('exit', (code, signal) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`${file} ended: ${signal ?? code}`))
  })
  return {
    run(words, env = {}) {
      const answer = Promise.withResolvers<CommandAnswer>()
      waiting.push(answer)
      child.send({ words, env: { ...leastEnvironment(), ...env } } satisfies CommandRequest)
      return answer.promise
    },
    close() {
      if (child.connected) child.disconnect()
    },
  }
}
