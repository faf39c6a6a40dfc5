/**
 * `node scripts/run-files.mjs CONCURRENCY FILE...`: runs test files, so many at once, in the order given. `node --test`
 * would begin with the first of the alphabet.
 */
import { relative, resolve } from 'node:path'
import { run } from 'node:test'
import failures from './failures-reporter.mjs'
import { openPassedBefore } from './passed-before.ts'

/** Of a file; longer than the longest deadline that a test sets itself. */
const ENDS_WITHIN_MS = 1_000_000

const [concurrency, ...files] = process.argv.slice(2)
const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupt.abort())
const passedBefore = await openPassedBefore()

run({
  files: files.map((file) => resolve(file)),
  concurrency: Number(concurrency),
  timeout: ENDS_WITHIN_MS,
  signal: interrupt.signal,
})
  .once('test:fail', () => {
    process.exitCode = 1
  })
  .on('test:summary', ({ file, success }) => {
    if (file && success) passedBefore.add(relative(process.cwd(), file))
  })
  .compose(failures)
  .pipe(process.stdout)
