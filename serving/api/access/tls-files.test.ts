import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connect, type Server, type TLSSocket } from 'node:tls'
import { ConfigError } from '@velocast/runtime'
import { type GuardedServer, openGuardedServer } from './testing/guarded-server.ts'
import { makeCertificate } from './testing/make-certificate.ts'
import { createTlsReload, firstTlsPair, readTlsPair, type TlsPair, tlsPathsOf } from './tls-files.ts'

describe('a certificate of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'velocast-tls-'))
  const paths = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  const first = makeCertificate('first')
  const second = makeCertificate('second')
  const taken: TlsPair[] = []
  const failures: unknown[] = []
  let server: GuardedServer
  let port: number
  let reload: () => Promise<void>

  before(async () => {
    write(first)
    const pair = await firstTlsPair(paths)
    server = await openGuardedServer({}, { tls: pair })
    await server.app.listen({ host: '127.0.0.1', port: 0 })
    port = (server.app.server.address() as AddressInfo).port
    reload = createTlsReload({
      server: server.app.server as unknown as Server,
      paths,
      pair,
      onReloaded: (reloaded) => taken.push(reloaded),
      onFailed: (error) => failures.push(error),
    })
  })
  after(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })

  const write = ({ cert, key }: { cert: string; key: string }): void => {
    writeFileSync(paths.cert, cert)
    writeFileSync(paths.key, key)
  }
  const open = (options: object = {}) =>
    new Promise<TLSSocket>((resolve, reject) => {
      const socket = connect(
        { port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false, ...options },
        () => resolve(socket),
      )
      socket.once('error', reject)
    })
  const nameOf = async (options: object = {}): Promise<string> => {
    const socket = await open(options)
    const { subject } = socket.getPeerCertificate()
    socket.destroy()
    return String(subject.CN)
  }
  const ask = (socket: TLSSocket): Promise<string> =>
    new Promise((resolve) => {
      socket.once('data', (data) => resolve(data.toString()))
      socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
    })

  it('speaks https with it, and tells browsers to keep to that', async () => {
    const socket = await open({ ca: first.cert, rejectUnauthorized: true })
    const answer = await ask(socket)
    assert.match(answer, /^HTTP\/1\.1 200/)
    assert.match(answer, /strict-transport-security: max-age=31536000/i)
    assert.match(answer, /content-security-policy: default-src 'self'/i)
    assert.match(answer, /x-content-type-options: nosniff/i)
    socket.destroy()
  })

  it('takes a new one without a restart, and open connections go on', async () => {
    const before = await open()
    await reload()
    assert.equal(taken.length, 0, 'nothing has changed')
    write(second)
    await reload()
    assert.equal(await nameOf({ ca: second.cert, rejectUnauthorized: true }), 'second')
    assert.match(await ask(before), /^HTTP\/1\.1 200/)
    before.destroy()
    assert.ok(Math.abs((taken as TlsPair[])[0]!.expiresAt - Date.now() - 30 * 24 * 3_600_000) < 60_000)
  })

  it('goes on with the old one while the new one is half there, and says so once', async () => {
    writeFileSync(paths.cert, first.cert)
    await reload()
    await reload()
    assert.equal(failures.length, 1)
    assert.equal(await nameOf(), 'second')
    writeFileSync(paths.cert, 'nonsense')
    await reload()
    assert.equal(await nameOf(), 'second')
    write(first)
    await reload()
    assert.equal(await nameOf(), 'first')
  })

  it('speaks no TLS that is too old, nor plain HTTP', async () => {
    await assert.rejects(open({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }))
    await assert.rejects(fetch(`http://127.0.0.1:${port}/health/live`))
  })

  it('that is none is a mistake in the configuration', async () => {
    assert.throws(() => tlsPathsOf({ API_TLS_CERT: 'a', API_TLS_KEY: '' }), ConfigError)
    assert.equal(tlsPathsOf({ API_TLS_CERT: '', API_TLS_KEY: '' }), null)
    await assert.rejects(firstTlsPair({ ...paths, key: join(folder, 'none') }), ConfigError)
    write({ cert: first.cert, key: second.key })
    await assert.rejects(firstTlsPair(paths), ConfigError)
    await assert.rejects(readTlsPair(paths))
  })
})
