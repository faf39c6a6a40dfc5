/**
 * `npm test`: every level of test, on real servers that it installs, starts and stops itself.
 *
 *   npm test                    everything; tests of what has not changed since they passed are not run again,
 *                               but those from end to end always
 *   npm test -- --force         everything, anew
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
  SHORT_LIVED_BROKER,
  stackEnvironment,
  startStack,
  stopStack,
} from '@velocast/local-stack'
import { terminalProgress } from '../cli/terminal/terminal-progress.ts'
import { openPassedBefore } from './passed-before.ts'
import { turbo } from './turbo.ts'

const root = resolve(import.meta.dirname, '..')
/** Tests share the first; the second is for those that take servers away. Ports are moved by so much. */
const stacks = {
  shared: { home: join(root, '.velocast', 'test-stack'), portOffset: 10_000 },
  outages: { home: join(root, '.velocast', 'outage-stack'), portOffset: 12_000 },
} as const
type Stack = (typeof stacks)[keyof typeof stacks]
/** Tests of one file run one after the other; so many files run at once. Those on servers mostly wait for them. */
const CONCURRENCY = { unit: 2, servers: 2, outages: 1 }
/** Those that take the longest are begun first, so that nobody waits for them alone in the end. */
const LONGEST = [
  'training/training.',
  'e2e/',
  'deploy/local/stack.',
  'stream-processors/',
  'sinks/',
  'producers/',
]
const TAKES_SERVERS_AWAY = 'e2e/outages.e2e.test.ts'
const TRAINER_TESTS = 'training/trainer/tests'

const levels = ['lint', 'unit', 'python', 'integration', 'crash', 'e2e'] as const
type Level = (typeof levels)[number]

const args = process.argv.slice(2)
const isForced = args.includes('--force')
const [chosen, ...within] = args.filter((word) => word !== '--force')
if (chosen && !levels.includes(chosen as Level)) {
  console.error(`there is no level "${chosen}": ${levels.join(', ')}`)
  process.exit(2)
}
const isWanted = (level: Level): boolean => !chosen || chosen === level

process.env.VELOCAST_KAFKA_OPTS ??= SHORT_LIVED_BROKER

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
  progress.line(`\n── ${name} …`)
  const startedAt = performance.now()
  const passed = await work()
  results.push({ level: name, passed, seconds: (performance.now() - startedAt) / 1000 })
  progress.line(`── ${passed ? '✓' : '✗'} ${name} ──`)
}

type TestLevel = Exclude<Level, 'lint' | 'python'>

const testFiles = (kind: TestLevel): string[] => {
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

const rankOf = (file: string): number => {
  const at = LONGEST.findIndex((folder) => file.startsWith(folder))
  return at < 0 ? LONGEST.length : at
}

const runTests = (
  files: readonly string[],
  concurrency: keyof typeof CONCURRENCY,
  env: Record<string, string> = {},
): Promise<boolean> => {
  if (files.length === 0) {
    progress.line('no tests')
    return Promise.resolve(true)
  }
  const runner = ['--no-warnings', join(root, 'scripts', 'run-files.mjs'), String(CONCURRENCY[concurrency])]
  return run(process.execPath, [...runner, ...files], env)
}

/** Unit tests depend on nothing but their package and what it imports: turbo runs those of packages that have changed. */
const runUnchangedOnce = (): Promise<boolean> =>
  run(
    turbo.command,
    [
      ...['run', 'test:unit', '--concurrency=2', '--output-logs=new-only', '--no-update-notifier'],
      ...(isForced ? ['--force'] : []),
    ],
    turbo.env,
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

const startServers = (title: string, { home, portOffset }: Stack): Promise<Record<string, string>> =>
  progress.step(title, async (step) => {
    const addresses = await startStack({
      home,
      ports: resolvePorts({
        ...process.env,
        VELOCAST_PORT_OFFSET: String(Number(process.env.VELOCAST_PORT_OFFSET ?? 0) + portOffset),
      }),
      signal: interrupt.signal,
      onProgress: ({ server, detail }) => step.say(`${server}: ${detail}`),
    })
    return stackEnvironment(addresses)
  })

const onServers = (['e2e', 'crash', 'integration'] as const).filter(isWanted)
const needsShared = onServers.length > 0 || isWanted('python')
const needsOutages = isWanted('e2e')
// Servers and Python are installed and started while what needs neither runs. Both stacks come from one installation.
const shared = needsShared ? startServers('Servers of the tests', stacks.shared) : Promise.resolve({})
const outages = needsOutages
  ? shared.catch(() => {}).then(() => startServers('Servers that are taken away', stacks.outages))
  : Promise.resolve({})
const python = Promise.all(
  needsShared || needsOutages
    ? [installPython('trainer', 'requirements.lock'), installPython('trainer-dev', 'requirements-dev.lock')]
    : [],
)
for (const preparation of [shared, outages, python]) preparation.catch(() => {})

const runTrainerTests = async (
  trainer: string,
  dev: string,
  env: Record<string, string>,
): Promise<boolean> => {
  const trainerPython = join(trainer, 'bin', 'python')
  const folder = join('training', 'trainer')
  const tools = {
    ...env,
    PYTHONPATH: [join(root, folder), sitePackages(dev)].join(':'),
    PYTHONDONTWRITEBYTECODE: '',
  }
  const typed = [
    '-m',
    'mypy',
    '--config-file',
    join(folder, 'pyproject.toml'),
    join(folder, 'velocast_trainer'),
  ]
  const steps = [
    ['-m', 'ruff', 'check', folder],
    typed,
    ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', folder],
  ]
  let ok = true
  for (const args of steps) ok = (await run(trainerPython, args, tools)) && ok
  return ok
}

/** It mostly waits, for servers that are away: it runs beside all others. */
const runOutages = async (): Promise<void> => {
  const [trainer = ''] = await python
  const env = { ...(await outages), TRAINER_PYTHON: join(trainer, 'bin', 'python') }
  await level('outages', () =>
    runTests(
      testFiles('e2e').filter((file) => file === TAKES_SERVERS_AWAY),
      'outages',
      { ...env, VELOCAST_TEST_STACK_HOME: stacks.outages.home },
    ),
  )
}

const takingAway = needsOutages ? runOutages() : Promise.resolve()
takingAway.catch(() => {})
try {
  if (isWanted('lint')) {
    await level('formatting and lint', () => run(bin('biome'), ['check', '--error-on-warnings']))
    await level('types', () => run(bin('tsc'), ['-p', 'tsconfig.json']))
    await level('generated files', async () => {
      const checks = [
        'schemas/generate-types.ts',
        'libs/features/generate.ts',
        'libs/db/generate-feature-migration.ts',
        'libs/inference/generate.ts',
        'serving/api/generate-openapi.ts',
        'serving/client/generate.ts',
      ]
      let ok = true
      for (const file of checks) ok = (await run(process.execPath, [file, '--check'])) && ok
      return ok
    })
  }
  if (isWanted('unit'))
    await level('unit', () => (within.length > 0 ? runTests(testFiles('unit'), 'unit') : runUnchangedOnce()))
  if (needsShared) {
    const [trainer = '', dev = ''] = await python
    const env = { ...(await shared), TRAINER_PYTHON: join(trainer, 'bin', 'python') }
    const passedBefore = await openPassedBefore()
    const isDone = (file: string): boolean =>
      !chosen && !isForced && !file.endsWith('.e2e.test.ts') && passedBefore.has(file)
    const wanted = onServers
      .flatMap(testFiles)
      .filter((file) => file !== TAKES_SERVERS_AWAY)
      .sort((one, other) => rankOf(one) - rankOf(other))
    const files = wanted.filter((file) => !isDone(file))
    const trainerTests = async (): Promise<boolean> => {
      const passed = await runTrainerTests(trainer, dev, env)
      if (passed) await passedBefore.add(TRAINER_TESTS)
      return passed
    }
    const notAgain = [...wanted, TRAINER_TESTS].filter(isDone)
    if (notAgain.length > 0)
      progress.line(
        `Have passed as they are, and are not run again (--force runs them): ${notAgain.length} files on servers`,
      )
    await Promise.all([
      isWanted('python') && !isDone(TRAINER_TESTS) ? level('trainer', trainerTests) : null,
      onServers.length > 0 ? level(onServers.join(', '), () => runTests(files, 'servers', env)) : null,
    ])
  }
  await takingAway
} catch (error) {
  results.push({ level: (error as Error).message, passed: false, seconds: 0 })
} finally {
  await Promise.allSettled([shared, outages, python])
  const started = [...(needsShared ? [stacks.shared] : []), ...(needsOutages ? [stacks.outages] : [])]
  await Promise.allSettled(started.map(({ home }) => stopStack({ home })))
}

progress.line()
for (const { level: name, passed, seconds } of results)
  progress.line(`${passed ? '✓' : '✗'} ${name}  ${seconds.toFixed(1)} s`)
const failed = results.filter(({ passed }) => !passed).length
if (interrupt.signal.aborted) progress.line('interrupted')
// In a form that any runner's log can be read by.
progress.line(`\n${results.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 || interrupt.signal.aborted ? 1 : 0
