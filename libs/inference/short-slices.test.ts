import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { release } from 'node:os'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'

const [major, minor] = release().split('.').map(Number) as [number, number]
const hasSlices =
  process.platform === 'linux' &&
  (major > 6 || (major === 6 && minor >= 12)) &&
  existsSync('/proc/self/sched') &&
  ['x64', 'arm64'].includes(process.arch)

/** A thread that asks for short slices, and then starts another one; the slice of each as the kernel has it, in nanoseconds. */
const asking = `
  import { readFileSync } from 'node:fs'
  import { parentPort, Worker } from 'node:worker_threads'
  import { takeShortSlices } from ${JSON.stringify(new URL('./short-slices.ts', import.meta.url).href)}
  const slice = () => Number(/slice *: *(\\d+)/.exec(readFileSync('/proc/thread-self/sched', 'utf8'))[1])
  const before = slice()
  const isGiven = await takeShortSlices()
  const other = new Worker(
    \`const { readFileSync } = require('node:fs')
      require('node:worker_threads').parentPort.postMessage(readFileSync('/proc/thread-self/sched', 'utf8'))\`,
    { eval: true },
  )
  other.on('message', (text) =>
    parentPort.postMessage({ isGiven, before, after: slice(), ofOther: Number(/slice *: *(\\d+)/.exec(text)[1]) }))`

test('a thread that asks for it has short slices, and those that it starts have what is usual', {
  skip: !hasSlices,
}, async () => {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>()
  const url = new URL(`data:text/javascript,${encodeURIComponent(asking)}`)
  new Worker(url).on('message', resolve).on('error', reject)
  const { isGiven, before, after, ofOther } = await promise
  assert.ok(Number(before) > 100_000)
  assert.deepEqual({ isGiven, after, ofOther }, { isGiven: true, after: 100_000, ofOther: before })
})
