import assert from 'node:assert/strict'
import { mkdtempDisposable, readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type MadeBundle, makeBundle } from '@velocast/inference/testing'
import { UnavailableError } from '@velocast/runtime'
import { type PromoteVersionOptions, promoteVersion, type VersionPromotion } from './promote-version.ts'

/** Asks for the promotion of a bundle in a city that it may not be of: whatever is refused, Kafka is not asked. */
const promote = async (
  { files, manifestSha256 }: MadeBundle,
  systemId: string,
): Promise<VersionPromotion> => {
  const server = createServer((request, response) => {
    response.end(files.get(request.url!.split('/').at(-1)!))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const mlflowUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    return await promoteVersion({
      kafka: null as unknown as PromoteVersionOptions['kafka'],
      stages: {
        promote: () => assert.fail('it was promoted'),
        nameChallenger: () => assert.fail('it was named'),
        find: async () => ({ runId: null, systemId, manifestSha256, artifactUri: `${mlflowUrl}/bundle` }),
      },
      mlflowUrl,
      clock: { now: () => 0 },
      systemId,
      modelName: 'velocast',
      modelVersion: '1',
      reason: 'test',
      signal: AbortSignal.timeout(180_000),
    })
  } finally {
    server.close()
  }
}

const withTemporaryFolder = async (folder: string, work: () => Promise<void>): Promise<void> => {
  const before = process.env.TMPDIR
  process.env.TMPDIR = folder
  try {
    await work()
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
}

test('a version that a predictor would refuse is refused with its words, and the check leaves nothing behind', async () => {
  const bad = makeBundle({ spoil: ({ files }) => files.set('model.onnx', Buffer.from('other')) })
  await using folder = await mkdtempDisposable(join(tmpdir(), 'velocast-promote-'))
  await withTemporaryFolder(folder.path, async () => {
    const refused = await promote(bad, 'test-city')
    assert.match(
      refused.outcome === 'refused' ? refused.detail : '',
      /version 1 of "velocast" would not be served: model\.onnx \(5 bytes\) has SHA-256 .* \(CHECKSUM\)$/,
    )
    const elsewhere = await promote(makeBundle(), 'other-city')
    assert.match(
      elsewhere.outcome === 'refused' ? elsewhere.detail : '',
      /was trained for test-city, not other-city$/,
    )
    assert.deepEqual(await readdir(folder.path), [])
  })
})

test('without a disk to check it on a version is not promoted', async () => {
  await withTemporaryFolder(join(import.meta.filename, 'folder'), async () => {
    await assert.rejects(promote(makeBundle(), 'test-city'), UnavailableError)
  })
})
