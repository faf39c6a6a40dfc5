/**
 * How long this machine's cores stand still: on each a process that does nothing but read the clock, and how often, and for how long
 * together, it found a millisecond or more gone. What a server answers meanwhile waits for as long, whatever the server does, and behind
 * it a queue that takes a while to drain: p99 of a request is felt from one hundredth of the time on. "For others" is what the kernel
 * says of it (`/proc/PID/schedstat`): another process had the core. The rest is the machine's below it.
 *
 *   node bench/standstill.ts [--json] [--seconds 15]
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { startOnOneCore } from './one-core.ts'

const { values: args } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '15' },
    watch: { type: 'boolean', default: false },
  },
})
const GAP_MS = 1

interface Gaps {
  count: number
  ofTime: number
  longestMs: number
  /** Of the time that was gone; null where the system does not say. */
  forOthers: number | null
}

const waitedMs = async (): Promise<number | null> => {
  const text = await readFile(`/proc/self/task/${process.pid}/schedstat`, 'utf8').catch(() => null)
  return text === null ? null : Number(text.split(' ')[1]) / 1e6
}

const watch = async (seconds: number): Promise<Gaps> => {
  const gapsMs: number[] = []
  const waitedBefore = await waitedMs()
  const began = performance.now()
  for (let last = performance.now(), now = last; now < began + seconds * 1000; last = now) {
    now = performance.now()
    if (now - last >= GAP_MS) gapsMs.push(now - last)
  }
  const goneMs = gapsMs.reduce((sum, ms) => sum + ms, 0)
  const waitedAfter = await waitedMs()
  return {
    count: gapsMs.length,
    ofTime: goneMs / (performance.now() - began),
    longestMs: Math.max(0, ...gapsMs),
    forOthers:
      waitedBefore === null || waitedAfter === null
        ? null
        : Math.min(1, (waitedAfter - waitedBefore) / Math.max(goneMs, GAP_MS)),
  }
}

const start = async (): Promise<ChildProcess> => {
  const child = fork(import.meta.filename, ['--watch', '--seconds', args.seconds])
  await once(child, 'spawn')
  return child
}

if (args.watch) process.send!(await watch(Number(args.seconds)), () => process.exit())
else {
  const [one, isOnOneCore] = await startOnOneCore(start)
  const children = [one, await start()]
  const gaps = (await Promise.all(children.map((child) => once(child, 'message')))).map(([of]) => of as Gaps)
  if (args.json) console.log(JSON.stringify({ name: 'standstill', isOnOneCore, cores: gaps }))
  else
    for (const [index, { count, ofTime, longestMs, forOthers }] of gaps.entries())
      console.log(
        `${isOnOneCore ? `core ${1 - index}` : `process ${index}`}: ${count} times a millisecond or more, ${(100 * ofTime).toFixed(2)} % of the time, the longest ${longestMs.toFixed(1)} ms${forOthers === null ? '' : `, ${(100 * forOthers).toFixed(0)} % of it for others`}`,
      )
}
