import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { FeedError } from '@velocast/producers'
import { requestFiles } from './request-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'velocast-request-files-'))
after(() => rmSync(folder, { recursive: true }))
const start = pathToFileURL(join(folder, 'gbfs.json')).href
const beside = (name: string): string => pathToFileURL(join(folder, name)).href
const elsewhere = async (address: string): Promise<never> => {
  throw new FeedError('unreachable', `${address} is asked for`)
}
const request = requestFiles(start, elsewhere)
const failureOf = (address: string): Promise<string> =>
  request(address, { at: 0 }).then(
    () => 'a document',
    (error) => (error instanceof FeedError ? error.message : `not a FeedError: ${error}`),
  )

test('an address that no file can have is a feed that cannot be read, in words', async () => {
  for (const address of [
    'file://op.example/x.json',
    'file:///saved/a%2Fb.json',
    'file:///saved/a%00b.json',
    'file:///saved/%zz.json',
  ])
    assert.equal(await failureOf(address), `${address} is not the address of a file on this machine`)
  assert.equal(await failureOf('https://op.example/a%2Fb.json'), 'https://op.example/a%2Fb.json is asked for')
})

test('what is there and is no document says what it is', async () => {
  mkdirSync(join(folder, 'station_status'))
  writeFileSync(join(folder, 'cut.json.gz'), gzipSync('{}').subarray(0, 12))
  writeFileSync(join(folder, 'bomb.json.gz'), gzipSync(Buffer.alloc(20 * 1024 * 1024, ' ')))
  writeFileSync(join(folder, 'large.json'), '')
  truncateSync(join(folder, 'large.json'), 20 * 1024 * 1024)
  assert.match(await failureOf(beside('station_status')), /station_status cannot be read: it is not a file$/)
  assert.match(await failureOf('file:///dev/zero'), /zero cannot be read: it is not a file$/)
  assert.match(await failureOf(beside('cut.json.gz')), /cannot be read: its compression is damaged$/)
  for (const name of ['bomb.json.gz', 'large.json'])
    assert.match(await failureOf(beside(name)), /cannot be read: it is larger than 16 MB$/)
  for (const name of ['nothing.json', 'large.json/gbfs.json', `${'long'.repeat(100)}.json`])
    assert.match(await failureOf(beside(name)), /cannot be read: there is no such file$/)
})

test('a document in a folder of another name is found by the name of its feed', async () => {
  writeFileSync(join(folder, 'station_information.json'), '{"data":1}')
  const answer = await request('file://op.example/de/station_information', { at: 0 })
  assert.deepEqual(answer.kind === 'document' && answer.document, { data: 1 })
})
