import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFeatureNames } from '@velocast/features'
import { openBundle } from './open-bundle.ts'
import { type MakeBundleOptions, makeBundle } from './testing/index.ts'

const open = (options: MakeBundleOptions, change: Partial<Parameters<typeof openBundle>[0]> = {}) => {
  const { read, manifestSha256 } = makeBundle(options)
  return openBundle({ read, manifestSha256, ...change })
}

const refusalOf = async (opened: ReturnType<typeof openBundle>): Promise<[string, string]> => {
  const result = await opened
  if (!result.ok) return [result.reason, result.detail]
  await result.bundle.release()
  return assert.fail('the bundle was not refused')
}

test('a bundle that is as promoted is opened, and its graph gives the golden numbers', async () => {
  const opened = await open({ trees: 20, leaves: 16 })
  assert.ok(opened.ok, JSON.stringify(opened))
  assert.equal(opened.bundle.scorer.featureCount, modelFeatureNames.length)
  await opened.bundle.release()
})

test('a model may use some of the features, in an order of its own', async () => {
  const opened = await open({ features: ['horizon_hours', 'bikes_lag_24h', 'bikes'] })
  assert.ok(opened.ok, JSON.stringify(opened))
  assert.deepEqual([...opened.bundle.columns.ofTarget], [0, 0])
  await opened.bundle.release()
})

test('another manifest than the promoted one is refused', async () => {
  const [reason, detail] = await refusalOf(open({}, { manifestSha256: '0'.repeat(64) }))
  assert.equal(reason, 'CHECKSUM')
  assert.match(detail, /manifest\.json has SHA-256 [0-9a-f]{64}, the promotion says 0000/)
})

test('a file that is not the one in the manifest is refused', async () => {
  const spoil: MakeBundleOptions['spoil'] = ({ files }) => files.set('model.onnx', Buffer.from('other'))
  const [reason, detail] = await refusalOf(open({ spoil }))
  assert.equal(reason, 'CHECKSUM')
  assert.match(detail, /^model\.onnx \(5 bytes\)/)
})

test('a model whose features are computed in another way by this build is refused', async () => {
  const spoil: MakeBundleOptions['spoil'] = ({ manifest }) => {
    manifest.fingerprint = 'f'.repeat(64)
  }
  const [reason, detail] = await refusalOf(open({ spoil }))
  assert.equal(reason, 'FINGERPRINT')
  assert.match(detail, /ffff.*train again/)
})

test('a model of a feature that this build does not know is refused, by name', async () => {
  const spoil: MakeBundleOptions['spoil'] = ({ manifest }) => {
    manifest.features[3] = 'moon_phase'
  }
  const [reason, detail] = await refusalOf(open({ spoil }))
  assert.equal(reason, 'FINGERPRINT')
  assert.match(detail, /moon_phase/)
})

test('a graph that does not give the golden numbers is refused, with the worst difference', async () => {
  const golden = JSON.parse(makeBundle().files.get('golden.json')!.toString()) as {
    outputs: Record<string, number[]>
  }
  golden.outputs.bikes_q50![5]! += 0.01
  golden.outputs.bikes_mean![2]! += 0.5
  const [reason, detail] = await refusalOf(open({ golden: Buffer.from(JSON.stringify(golden)) }))
  assert.equal(reason, 'GOLDEN_ROWS')
  assert.match(detail, /"bikes_mean" of golden row 2/)
})

test('bytes that are not a graph, and a graph of other columns, are refused', async () => {
  assert.equal((await refusalOf(open({ graph: Buffer.from('not a graph') })))[0], 'UNREADABLE')
  const narrow = makeBundle({ features: ['bikes', 'horizon_hours'] }).files.get('model.onnx')!
  const [reason, detail] = await refusalOf(open({ graph: narrow }))
  assert.equal(reason, 'UNREADABLE')
  assert.match(detail, /takes 2 features/)
})

test('a manifest of another format is refused, saying where', async () => {
  const spoil: MakeBundleOptions['spoil'] = ({ manifest }) => {
    Object.assign(manifest, { format: 1 })
  }
  const [reason, detail] = await refusalOf(open({ spoil }))
  assert.equal(reason, 'UNREADABLE')
  assert.match(detail, /manifest\.json\/format/)
})

test('a bundle that cannot be had is told apart from one that is wrong', async () => {
  const read = async () => {
    throw new Error('no answer')
  }
  assert.deepEqual(await refusalOf(open({}, { read })), ['UNREACHABLE', 'no answer'])
})
