/**
 * `npm test`: every level of test, on real servers that it installs, starts and stops itself.
 *
 *   npm test                    everything
 *   npm test -- unit            one level: lint, unit, python, integration, crash, e2e
 *   npm test -- integration libs/kafka
 *
 * The servers have ports and data of their own, so that a running demo is not disturbed.
 */
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  installPythonEnvironment,
  resolvePorts,
  stackEnvironment,
  startStack,
  stopStack,
} from '@velocast/local-stack'
import { terminalProgress } from '../cli/terminal/terminal-progress.ts'

const root = resolve(import.meta.dirname, '..')
const home = join(root, '.velocast', 'test-stack')
const PORT_OFFSET = '10000'
/** Tests of one file run one after the other; so many files run at once. Crash tests measure nothing, but start processes. */
const CONCURRENCY = { unit: 2, integration: 2, crash: 2, e2e: 1 }

const levels = ['lint', 'unit', 'python', 'integration', 'crash', 'e2e'] as const
type Level = (typeof levels)[number]

const [chosen, ...within] = process.argv.slice(2)
if (chosen && !levels.includes(chosen as Level)) {
  console.error(`there is no level "${chosen}": ${levels.join(', ')}`)
  process.exit(2)
}
const isWanted = (level: Level): boolean => !chosen || chosen === level

const progress = terminalProgress()
const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interrupt.abort(new Error('interrupted')))

const results: { level: string; passed: boolean; seconds: number }[] = []

const run = (
  command: string,
  args: readonly string[],
  env: Record<string, string | undefined> = {},
): Promise<boolean> =>
  new Promise((done) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
    const stop = (): void => void child.kill('SIGTERM')
    interrupt.signal.addEventListener('abort', stop, { once: true })
    child.once('error', (error) => {
      console.error(error.message)
      done(false)
    })
    child.once('exit', (code) => {
      interrupt.signal.removeEventListener('abort', stop)
      done(code === 0)
    })
  })

const level = async (name: string, work: () => Promise<boolean>): Promise<void> => {
  if (interrupt.signal.aborted) return
  progress.line(`\n── ${name} ──`)
  const startedAt = performance.now()
  const passed = await work()
  results.push({ level: name, passed, seconds: (performance.now() - startedAt) / 1000 })
}

const testFiles = (kind: Exclude<Level, 'lint' | 'python'>): string[] => {
  const suffix = {
    unit: '.test.ts',
    integration: '.int.test.ts',
    crash: '.crash.test.ts',
    e2e: '.e2e.test.ts',
  }[kind]
  const all = globSync(`**/*${suffix}`, {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === '.velocast',
  })
  return all
    .filter((file) => kind !== 'unit' || !/\.(int|crash|e2e)\.test\.ts$/.test(file))
    .filter((file) => within.length === 0 || within.some((part) => file.includes(part)))
    .sort()
}

const runTests = (kind: keyof typeof CONCURRENCY, env: Record<string, string> = {}): Promise<boolean> => {
  const files = testFiles(kind)
  if (files.length === 0) {
    progress.line(`no ${kind} tests`)
    return Promise.resolve(true)
  }
  const reporter = ['--test-reporter=./scripts/failures-reporter.mjs', '--test-reporter-destination=stdout']
  const limits = [`--test-concurrency=${CONCURRENCY[kind]}`, '--test-timeout=240000']
  return run(process.execPath, ['--no-warnings', '--test', ...reporter, ...limits, ...files], env)
}

/** Unit tests depend on nothing but their package and what it imports: turbo runs those of packages that have changed. */
const runUnchangedOnce = (): Promise<boolean> =>
  run(
    bin('turbo'),
    ['run', 'test:unit', '--concurrency=2', '--output-logs=new-only', '--no-update-notifier'],
    {
      TURBO_TELEMETRY_DISABLED: '1',
      DO_NOT_TRACK: '1',
    },
  )

const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
const sitePackages = (python: string): string =>
  globSync(join(python, 'lib', 'python3*', 'site-packages'))[0] ?? ''

const installPython = (name: string, lock: string): Promise<string> =>
  progress.step(`Python environment: ${name}`, (step) =>
    installPythonEnvironment({
      name,
      requirementsFile: join(root, 'training', 'trainer', lock),
      onProgress: ({ detail }) => step.say(detail),
      signal: interrupt.signal,
    }),
  )

const startServers = (): Promise<Record<string, string>> =>
  progress.step('Servers of the tests', async (step) => {
    const addresses = await startStack({
      home,
      ports: resolvePorts({
        ...process.env,
        VELOCAST_PORT_OFFSET: process.env.VELOCAST_PORT_OFFSET ?? PORT_OFFSET,
      }),
      signal: interrupt.signal,
      onProgress: ({ server, detail }) => step.say(`${server}: ${detail}`),
    })
    return stackEnvironment(addresses)
  })

const needsServers = (['python', 'integration', 'crash', 'e2e'] as const).some(isWanted)
// The servers are installed and started while what needs none of them runs.
const servers = needsServers ? startServers() : Promise.resolve({})
const python = needsServers
  ? Promise.all([
      installPython('trainer', 'requirements.lock'),
      installPython('trainer-dev', 'requirements-dev.lock'),
    ])
  : null
servers.catch(() => {})
python?.catch(() => {})

try {
  if (isWanted('lint')) {
    await level('formatting and lint', () => run(bin('biome'), ['check', '--error-on-warnings']))
    await level('types', () => run(bin('tsc'), ['-p', 'tsconfig.json']))
    await level('generated files', async () => {
      const checks = [
        'schemas/generate-types.ts',
        'libs/features/generate.ts',
        'libs/db/generate-feature-migration.ts',
      ]
      let ok = true
      for (const file of checks) ok = (await run(process.execPath, [file, '--check'])) && ok
      return ok
    })
  }
  if (isWanted('unit')) await level('unit', () => (within.length > 0 ? runTests('unit') : runUnchangedOnce()))
  if (python) {
    const [[trainer, dev], env] = await Promise.all([python, servers])
    const trainerPython = join(trainer, 'bin', 'python')
    // End-to-end tests stop and start single servers of this home.
    const testEnv = { ...env, TRAINER_PYTHON: trainerPython, VELOCAST_TEST_STACK_HOME: home }
    if (isWanted('python')) {
      const tools = { ...env, PYTHONPATH: [join(root, 'training', 'trainer'), sitePackages(dev)].join(':') }
      const folder = join('training', 'trainer')
      await level('trainer', async () => {
        const linted = await run(trainerPython, ['-m', 'ruff', 'check', folder], tools)
        const typed = await run(
          trainerPython,
          ['-m', 'mypy', '--config-file', join(folder, 'pyproject.toml'), join(folder, 'velocast_trainer')],
          tools,
        )
        const tested = await run(
          trainerPython,
          ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', folder],
          tools,
        )
        return linted && typed && tested
      })
    }
    if (isWanted('integration')) await level('integration', () => runTests('integration', testEnv))
    if (isWanted('crash')) await level('crash', () => runTests('crash', testEnv))
    if (isWanted('e2e')) await level('end to end', () => runTests('e2e', testEnv))
  }
} catch (error) {
  results.push({ level: (error as Error).message, passed: false, seconds: 0 })
} finally {
  await servers.catch(() => {})
  if (needsServers) await stopStack({ home }).catch((error) => console.error(error.message))
}

progress.line()
for (const { level: name, passed, seconds } of results)
  progress.line(`${passed ? '✓' : '✗'} ${name}  ${seconds.toFixed(1)} s`)
const failed = results.filter(({ passed }) => !passed).length
if (interrupt.signal.aborted) progress.line('interrupted')
// In a form that any runner's log can be read by.
progress.line(`\n${results.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 || interrupt.signal.aborted ? 1 : 0
