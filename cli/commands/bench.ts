import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Command } from 'commander'

interface Benchmark {
  /** The others bring what they need themselves. */
  readonly isOnServers?: boolean
  /** Takes ten minutes and more, and is run when it is named. */
  readonly isLong?: boolean
}

/** Each prints its figures beside its baseline; what one is and how it is measured stands at the head of its file. */
const BENCHMARKS: ReadonlyMap<string, Benchmark> = new Map([
  ['poll-city', { isOnServers: true }],
  ['feature-core', {}],
  ['topic-to-topic', { isOnServers: true }],
  ['small-reference', { isOnServers: true }],
  ['recovery', { isOnServers: true }],
  ['sink-rows', { isOnServers: true }],
  ['replay', { isOnServers: true }],
  ['backfill-status', { isOnServers: true }],
  ['latency', { isOnServers: true }],
  ['promotion', { isOnServers: true }],
  ['standstill', {}],
  ['forecast-http', {}],
  ['serving-city', {}],
  ['model-swaps', {}],
  ['outage', { isLong: true }],
  ['fuzz', { isLong: true }],
  ['bundle', {}],
  ['training', { isLong: true }],
])
const ALL = [...BENCHMARKS.keys()]
const LONG = ALL.filter((name) => BENCHMARKS.get(name)?.isLong)

export const addBench = (program: Command): void => {
  program
    .command('bench [names...]')
    .description(
      `measure, each with its baseline in the same run: ${ALL.join(', ')}; ${LONG.join(', ')} only by name`,
    )
    .option('--json', 'a line of JSON for each')
    .action(async (names: string[], { json }) => {
      const { checkoutFolder } = await import('../folders.ts')
      const { EXIT } = await import('../terminal/exit-code.ts')
      const { CommandError, untilInterrupted } = await import('../terminal/until-interrupted.ts')
      const { closeStack, openStack } = await import('../stack/open-stack.ts')
      const { terminalProgress } = await import('../terminal/terminal-progress.ts')
      const unknown = names.filter((name) => !BENCHMARKS.has(name))
      if (unknown.length > 0) throw new CommandError(`there is no ${unknown.join(', ')}: ${ALL.join(', ')}`)
      const progress = terminalProgress(process.stderr)
      const chosen = names.length > 0 ? names : ALL.filter((name) => !LONG.includes(name))

      await untilInterrupted(async ({ defer, signal }) => {
        const isOnServers = chosen.some((name) => BENCHMARKS.get(name)?.isOnServers)
        const stack = isOnServers ? await openStack(progress, signal) : null
        if (stack?.isStartedHere) defer(() => closeStack(progress))
        for (const name of chosen) {
          if (!json) progress.line(`\n${name}`)
          const child = spawn(
            process.execPath,
            ['--no-warnings', join(checkoutFolder, 'bench', `${name}.ts`), ...(json ? ['--json'] : [])],
            {
              stdio: 'inherit',
              env: { ...process.env, ...stack?.env },
              signal,
            },
          )
          const code = await new Promise<number>((resolve, reject) => {
            child.once('error', reject)
            child.once('exit', (exitCode) => resolve(exitCode ?? 1))
          })
          if (code !== 0) throw new CommandError(`${name} ended with exit code ${code}`, EXIT.no)
        }
      })
    })
}
