import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { spawnService, waitFor } from '@velocast/testkit'

const folder = mkdtempSync(join(tmpdir(), 'velocast-runtime-'))
const runtime = resolve(import.meta.dirname, 'index.ts')
const typebox = import.meta.resolve('typebox')

/** A service of its own for each test, as a process: what it does when it starts is `start`. */
const serve = (name: string, start: string, env: Record<string, string> = {}) => {
  const file = join(folder, `${name}.ts`)
  writeFileSync(
    file,
    `import { runService, configFragments } from '${runtime}'
     import { Type } from '${typebox}'
     await runService({
       name: '${name}',
       config: Type.Object({ ...configFragments.process, WANTED: Type.String({ default: 'x', description: 'something' }), NEEDED: Type.Optional(Type.Integer({ description: 'a number' })) }),
       start: async (context) => { ${start} },
     }, process)`,
  )
  return spawnService(file, env)
}

const addressOf = (service: ReturnType<typeof serve>): Promise<string> =>
  waitFor(
    () => {
      const started = service.events().some(({ msg }) => msg === 'started')
      const event = service.events().find(({ msg }) => msg === 'metrics and health')
      return started ? (event?.address as string | undefined) : undefined
    },
    { what: 'the service' },
  )

describe('a process', () => {
  it('undoes in the opposite order on SIGTERM, and exits with 0', async () => {
    const service = serve(
      'orderly',
      `for (const what of ['first', 'second']) context.defer(what, () => context.log.info('undone ' + what)); setInterval(() => {}, 1000)`,
    )
    const address = await addressOf(service)
    assert.equal((await fetch(`${address}/health/ready`)).status, 200)
    assert.match(
      await (await fetch(`${address}/metrics`)).text(),
      /process_cpu_seconds_total\{service="orderly"\}/,
    )
    assert.equal(await service.kill('SIGTERM'), 0)
    const undone = service.events().flatMap(({ msg }) => (String(msg).startsWith('undone') ? [msg] : []))
    assert.deepEqual(undone, ['undone second', 'undone first'])
  })

  it('is not ready while a check says why, and names it', async () => {
    const service = serve(
      'waiting',
      `context.addReadyCheck('broker', () => 'away'); setInterval(() => {}, 1000)`,
    )
    const response = await fetch(`${await addressOf(service)}/health/ready`)
    assert.equal(response.status, 503)
    assert.deepEqual(((await response.json()) as { problems: unknown }).problems, [
      { check: 'broker', problem: 'away' },
    ])
    await service.kill()
  })

  it('with a wrong configuration exits with 2 and lists the mistakes, without a stack trace', async () => {
    const service = serve('wrong', '', { NEEDED: 'three', OPERATIONS_PORT: '99999' })
    assert.equal(await service.exited, 2)
    const text = service.lines().join('\n')
    assert.match(text, /2 mistake\(s\)/)
    assert.match(text, /NEEDED="three"/)
    assert.ok(!text.includes('    at '))
  })

  it('that meets a bug exits with 1, having undone what it did', async () => {
    const service = serve(
      'broken',
      `context.defer('first', () => context.log.info('undone')); setTimeout(() => { throw new TypeError('a bug') }, 10)`,
    )
    assert.equal(await service.exited, 1)
    assert.ok(service.events().some(({ msg }) => msg === 'undone'))
    assert.ok(service.events().some(({ level }) => level === 60))
  })
})
