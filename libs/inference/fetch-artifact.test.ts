import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { UnavailableError } from '@velocast/runtime'
import { artifactAddress, fetchArtifact, fetchArtifactTo } from './fetch-artifact.ts'

test("MLflow's folders are read through its server, others at their own address", () => {
  const mlflow = 'http://127.0.0.1:5000/'
  for (const [folder, address] of [
    [
      'mlflow-artifacts:/1/abc/artifacts/bundle',
      'http://127.0.0.1:5000/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts/bundle/model.onnx',
    ],
    [
      'mlflow-artifacts://other:1234/1/abc/',
      'http://127.0.0.1:5000/api/2.0/mlflow-artifacts/artifacts/1/abc/model.onnx',
    ],
    ['https://models.example/city/7', 'https://models.example/city/7/model.onnx'],
  ] as const)
    assert.equal(artifactAddress(folder, 'model.onnx', mlflow), address)
  assert.throws(() => artifactAddress('s3://bucket/x', 'model.onnx', mlflow), /neither/)
  assert.throws(() => artifactAddress('file:///etc', 'passwd', mlflow), /neither/)
})

test('no answer, a wrong status, too many bytes and a silent server are all the same trouble; a disk that fails is another', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/x/large') response.end('x'.repeat(2_000))
    else if (request.url === '/x/good') response.end('good')
    else if (request.url !== '/x/silent') response.writeHead(500).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { signal } = new AbortController()
  const fetchFrom = (folder: string, path: string) =>
    fetchArtifact(folder, path, signal, { mlflowUrl: url, timeoutMs: 200, maxBytes: 1_000 })

  assert.equal(String(await fetchFrom(`${url}/x`, 'good')), 'good')
  for (const path of ['large', 'silent', 'broken'])
    await assert.rejects(fetchFrom(`${url}/x`, path), UnavailableError)

  await using disk = await mkdtempDisposable(join(tmpdir(), 'velocast-artifact-'))
  const fetchTo = (target: string, path: string) =>
    fetchArtifactTo(join(disk.path, target), `${url}/x`, path, signal, {
      mlflowUrl: url,
      timeoutMs: 200,
      maxBytes: 1_000,
    })
  await fetchTo('file', 'good')
  assert.equal(await readFile(join(disk.path, 'file'), 'utf8'), 'good')
  for (const path of ['large', 'silent', 'broken'])
    await assert.rejects(fetchTo('other', path), UnavailableError)
  await assert.rejects(fetchTo('no/folder', 'good'), { code: 'ENOENT' })
  server.close()
  server.closeAllConnections()
  await assert.rejects(fetchFrom(`${url}/x`, 'good'), UnavailableError)
})
