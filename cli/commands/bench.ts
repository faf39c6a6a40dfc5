import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Command } from 'commander'

/** Each prints its figures beside its baseline; what one is and how it is measured stands at the head of its file. */
const BENCHMARKS = [
  'poll-city',
  'feature-core',
  'topic-to-topic',
  'small-reference',
  'recovery',
  'sink-rows',
  'replay',
  'backfill-status',
  'latency',
  'promotion',
  'forecast-http',
  'serving-city',
  'model-swaps',
  'outage',
  'fuzz',
  'bundle',
  'training',
] as const
/** The others bring what they need themselves. */
const ON_SERVERS: ReadonlySet<string> = new Set([
  'poll-city',
  'topic-to-topic',
  'small-reference',
  'recovery',
  'sink-rows',
  'replay',
  'backfill-status',
  'latency',
  'promotion',
])
/** They take ten minutes and more, and are run when they are named. */
const LONG: ReadonlySet<string> = new Set(['training', 'outage', 'fuzz'])

export const addBench = (program: Command): void => {
  program
    .command('bench [names...]')
    .description(
      `measure, each with its baseline in the same run: ${BENCHMARKS.join(', ')}; ${[...LONG].join(', ')} only by name`,
    )
    .option('--json', 'a line of JSON for each')
    .action(async (names: string[], { json }) => {
      const { checkoutFolder } = await import('../folders.ts')
      const { EXIT } = await import('../terminal/exit-code.ts')
      const { CommandError, untilInterrupted } = await import('../terminal/until-interrupted.ts')
      const { closeStack, openStack } = await import('../stack/open-stack.ts')
      const { terminalProgress } = await import('../terminal/terminal-progress.ts')
      const unknown = names.filter((name) => !BENCHMARKS.some((known) => known === name))
      if (unknown.length > 0)
        throw new CommandError(`there is no ${unknown.join(', ')}: ${BENCHMARKS.join(', ')}`)
      const progress = terminalProgress(process.stderr)
      const chosen = names.length > 0 ? names : BENCHMARKS.filter((each) => !LONG.has(each))

      await untilInterrupted(async ({ defer, signal }) => {
        const stack = chosen.some((name) => ON_SERVERS.has(name)) ? await openStack(progress, signal) : null
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
