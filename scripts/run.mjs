/**
 * The front door: what `npm run demo`, `npm test` and `npx velocast` start on a bare machine, under any Node from 18 on.
 * It installs the packages when they are not there (a newer Node is one of them), and then hands over.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const installedMark = join(root, 'node_modules', '.velocast-installed')
const OLDEST_NODE = 18
const OWN_NODE = 24

const fail = (message) => {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

const major = Number(process.versions.node.split('.')[0])
if (major < OLDEST_NODE)
  fail(
    `Node ${OLDEST_NODE} or newer is needed to begin with, this is ${process.versions.node}: https://nodejs.org/en/download`,
  )

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')

const run = (command, args, options) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, ...options })
    const forward = (signal) => child.kill(signal)
    // On a terminal, Ctrl-C reaches the child by itself; a second SIGINT would tell it not to wait.
    process.on('SIGINT', () => {})
    process.on('SIGTERM', forward)
    child.on('error', (error) => fail(`${command} cannot be started: ${error.message}`))
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 1 : 0)))
  })

const installPackages = async () => {
  const wanted = lockHash()
  if (existsSync(installedMark) && readFileSync(installedMark, 'utf8') === wanted) return
  const startedAt = Date.now()
  const seconds = () => `${Math.round((Date.now() - startedAt) / 1000)} s`
  process.stdout.write('Installing packages (npm ci) …\n')
  const output = []
  const child = spawn('npm', ['ci', '--no-progress', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.on('data', (data) => output.push(data))
  child.stderr.on('data', (data) => output.push(data))
  const ticking = setInterval(() => process.stdout.write(`  … ${seconds()}\n`), 10_000)
  const code = await new Promise((resolve) => {
    child.on('error', (error) => {
      output.push(String(error))
      resolve(1)
    })
    child.on('exit', resolve)
  })
  clearInterval(ticking)
  if (code !== 0)
    fail(`npm ci failed. If the network or the registry was away, run the command again.\n${output.join('')}`)
  writeFileSync(installedMark, wanted)
  process.stdout.write(`✓ packages installed, ${seconds()}\n`)
}

const ownNode = () => {
  const bundled = join(root, 'node_modules', '.bin', 'node')
  if (existsSync(bundled)) return bundled
  if (major >= OWN_NODE) return process.execPath
  return fail(
    `There is no packaged Node ${OWN_NODE} for ${process.platform}-${process.arch}: install Node ${OWN_NODE} or newer, then run this again.`,
  )
}

await installPackages()
const [command = '--help', ...args] = process.argv.slice(2)
const target = command === 'test' ? join('scripts', 'test.ts') : join('cli', 'main.ts')
process.exitCode = await run(
  ownNode(),
  [join(root, target), ...(command === 'test' ? [] : [command]), ...args],
  {
    stdio: 'inherit',
    cwd: process.cwd(),
    // Every process that is started below reads compiled code instead of compiling it anew.
    env: { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'node'), ...process.env },
  },
)
