import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FeedError } from '../feed-error.ts'
import { createRedirectFollower } from './follow-redirects.ts'

/** A web of addresses: a number is an answer, anything else where it redirects to, with 301 unless it says otherwise. */
const web = (places: Record<string, number | string | [status: number, to: string]>) => {
  const asked: string[] = []
  const { follow } = createRedirectFollower()
  const fetch = (async (address: string, { headers }: { headers: Record<string, string> }) => {
    asked.push(`${address}${headers['x-key'] ? ' with key' : ''}`)
    const place = places[address] ?? 404
    if (typeof place === 'number') return new Response('', { status: place })
    const [status, location] = typeof place === 'string' ? [301, place] : place
    return new Response(null, { status, headers: { location } })
  }) as unknown as typeof globalThis.fetch
  return {
    places,
    /** The status that it ends with, and what was asked for on the way. */
    ask: async (address: string, trusted?: string) => {
      asked.length = 0
      const key =
        trusted === undefined
          ? undefined
          : { in: 'header' as const, name: 'x-key', value: 'k', hosts: new Set([trusted]) }
      const signal = new AbortController().signal
      const { status } = await follow(fetch, address, { headers: {}, signal, key })
      return [status, ...asked]
    },
    asked,
  }
}

test('what has moved for good is asked for where it is; what is elsewhere for now is not', async () => {
  const { ask } = web({
    'http://a/feed': 'https://a/feed',
    'https://a/feed': [308, '/v2/feed'],
    'https://a/v2/feed': [302, 'https://cdn/feed?copy=1'],
    'https://cdn/feed?copy=1': 200,
  })
  const all = ['http://a/feed', 'https://a/feed', 'https://a/v2/feed', 'https://cdn/feed?copy=1']
  assert.deepEqual(await ask('http://a/feed'), [200, ...all])
  assert.deepEqual(await ask('http://a/feed'), [200, ...all.slice(2)])
})

test('what has moved and is no longer there is asked for where it was', async () => {
  const { ask, places } = web({ 'https://a/feed': 'https://b/feed', 'https://b/feed': 200 })
  await ask('https://a/feed')
  places['https://a/feed'] = 200
  places['https://b/feed'] = 503
  assert.deepEqual(await ask('https://a/feed'), [503, 'https://b/feed'], 'an outage is no move')
  places['https://b/feed'] = 410
  assert.deepEqual(await ask('https://a/feed'), [410, 'https://b/feed'])
  assert.deepEqual(await ask('https://a/feed'), [200, 'https://a/feed'])
})

test('a key does not leave https, nor its host', async () => {
  const { ask, asked } = web({
    'https://a/down': 'http://a/down',
    'http://a/down': 200,
    'https://a/away': 'https://b/feed',
    'https://b/feed': 200,
  })
  assert.deepEqual(await ask('https://a/away', 'a'), [200, 'https://a/away with key', 'https://b/feed'])
  await assert.rejects(ask('https://a/down', 'a'), /from https to http, which would show the key/)
  assert.deepEqual(asked, ['https://a/down with key'])
  assert.deepEqual(await ask('https://a/down'), [200, 'https://a/down', 'http://a/down'])
  assert.deepEqual(
    await ask('https://a/down'),
    [200, 'https://a/down', 'http://a/down'],
    'nor is it remembered',
  )
})

test('an address that is none ends it', async () => {
  const { ask } = web({ 'https://a/feed': 'https://', 'https://a/ftp': 'ftp://a/feed' })
  await assert.rejects(ask('https://a/feed'), FeedError)
  await assert.rejects(ask('https://a/ftp'), /must begin with http:\/\/ or https:\/\/, not "ftp:"/)
})
