/** Of thousands of tests, what a person wants to see: a line a file, every failure in full, and the counts. */
import { relative } from 'node:path'
import { inspect } from 'node:util'

export default async function* failures(source) {
  const files = new Map()
  for await (const { type, data } of source) {
    if (type === 'test:stdout' || type === 'test:stderr') {
      if (process.env.VELOCAST_TEST_OUTPUT) yield data.message
      continue
    }
    if (
      type === 'test:diagnostic' &&
      data.nesting === 0 &&
      /^(tests|pass|fail|cancelled|skipped) /.test(data.message)
    )
      yield `ℹ ${data.message}\n`
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const name = data.file ? relative(process.cwd(), data.file) : data.name
    const file = files.get(name) ?? { passed: 0, failed: 0, skipped: 0, ms: 0 }
    files.set(name, file)
    if (data.nesting === 0) file.ms += data.details?.duration_ms ?? 0
    const failure = data.details?.error
    // A suite fails with its tests, which are shown themselves; or by a hook of its own, which nothing else shows.
    const isSuite = data.details?.type === 'suite'
    if (isSuite && (type === 'test:pass' || failure?.failureType === 'subtestsFailed')) continue
    if (data.skip !== undefined) {
      file.skipped += 1
      yield `  ○ ${name}: ${data.name}${typeof data.skip === 'string' ? ` (${data.skip})` : ''}\n`
    } else if (type === 'test:pass') file.passed += 1
    else {
      file.failed += 1
      const error = failure?.cause ?? failure
      yield `  ✗ ${name}: ${data.name}\n${indent(error?.stack ?? inspect(error))}\n`
    }
  }
  for (const [name, { passed, failed, skipped, ms }] of files)
    yield `${failed > 0 ? '✗' : '✓'} ${name}  ${passed} passed${failed ? `, ${failed} failed` : ''}${skipped ? `, ${skipped} skipped` : ''}  ${(ms / 1000).toFixed(1)} s\n`
}

const indent = (text) => text.replaceAll(/^/gm, '      ')
