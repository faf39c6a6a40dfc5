/**
 * One command after the other, as main.ts does each of them, in a process that stays: tests of what commands do need not
 * load them anew for each. It answers when the command's own process would have ended, and ends with an error when
 * it would not have.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { CommandAnswer, CommandRequest } from '@velocast/testkit'
import { runCommandLine } from '../command-line.ts'

const LOOKS_EVERY_MS = 5
const ENDS_WITHIN_MS = 180_000

/** What keeps this process running, beside the timer of whoever asks. */
const countOpen = async (): Promise<number> => {
  await delay(LOOKS_EVERY_MS)
  return process.getActiveResourcesInfo().length
}

/** Takes what is written meanwhile. */
const intercept = (stream: NodeJS.WriteStream): { end: () => string } => {
  const texts: string[] = []
  const { write } = stream
  stream.write = (text: string | Uint8Array, ...rest: unknown[]): boolean => {
    texts.push(typeof text === 'string' ? text : Buffer.from(text).toString())
    const done = rest.at(-1)
    if (typeof done === 'function') process.nextTick(done)
    return true
  }
  return {
    end() {
      stream.write = write
      return texts.join('')
    },
  }
}

const answer = async ({ words, env }: CommandRequest): Promise<CommandAnswer> => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  Object.assign(process.env, env)
  process.exitCode = undefined
  const open = await countOpen()
  const [out, err] = [intercept(process.stdout), intercept(process.stderr)]
  await runCommandLine(words)
  const endsBy = performance.now() + ENDS_WITHIN_MS
  while ((await countOpen()) > open && performance.now() < endsBy);
  const [stdout, stderr] = [out.end(), err.end()]
  if (performance.now() >= endsBy)
    throw new Error(
      `${words.join(' ')} is done, and leaves open: ${process.getActiveResourcesInfo().join(', ')}`,
    )
  const code = Number(process.exitCode ?? 0)
  process.exitCode = undefined
  return { code, stdout, stderr }
}

let before: Promise<unknown> = Promise.resolve()
process.on('message', (request: CommandRequest) => {
  before = before.then(async () => process.send!(await answer(request)))
})
process.on('disconnect', () => process.exit())
