import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { UnavailableError } from '@velocast/runtime'
import { artifactAddress, fetchArtifact } from './fetch-artifact.ts'

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

test('no answer, a wrong status, too many bytes and a silent server are all the same trouble', async () => {
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
  server.close()
  server.closeAllConnections()
  await assert.rejects(fetchFrom(`${url}/x`, 'good'), UnavailableError)
})
