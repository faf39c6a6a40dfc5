/** A real receiver on this machine, in every mood. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { UnavailableError } from '@velocast/runtime'
import { createPoster } from './post-message.ts'
import { openReceiver, type Receiver } from './testing/open-receiver.ts'

describe('posting a message', () => {
  let receiver: Receiver
  let now = Date.UTC(2026, 5, 10)
  const clock = { now: () => now }
  const stopping = new AbortController()
  const posterTo = (address: string) =>
    createPoster({ target: { title: 'Slack', address }, clock, signal: stopping.signal, withinMs: 300 })

  before(async () => {
    receiver = await openReceiver()
  })
  after(() => receiver?.close())

  const isAway = async (work: Promise<unknown>, words: RegExp): Promise<void> => {
    const error = await work.then(
      () => null,
      (thrown) => thrown,
    )
    assert.ok(error instanceof UnavailableError, String(error))
    assert.match(error.message, words)
    assert.doesNotMatch(`${error.message} ${error.cause} ${error.stack}`, /secret/)
  }

  it('is acknowledged by any 2xx', async () => {
    const post = posterTo(receiver.address)
    assert.deepEqual(await post({ text: 'a' }), { outcome: 'acknowledged' })
    receiver.answerNext({ status: 204 })
    assert.deepEqual(await post({ text: 'b' }), { outcome: 'acknowledged' })
    assert.deepEqual(receiver.bodies(), [{ text: 'a' }, { text: 'b' }])
  })

  it('is tried again later after 5xx, 408 and silence, and where nobody listens', async () => {
    const post = posterTo(receiver.address)
    for (const status of [500, 503, 408]) {
      receiver.answerNext({ status })
      await isAway(post({}), new RegExp(`Slack does not answer: it answered ${status}`))
    }
    receiver.answerNext('silence')
    await isAway(post({}), /no answer in time/)
    const gone = await openReceiver()
    await gone.close()
    await isAway(posterTo(gone.address)({}), /ECONNREFUSED/)
  })

  it('is not tried before the receiver wants it, whether it says seconds or a date', async () => {
    const post = posterTo(receiver.address)
    for (const inWords of [() => '30', () => new Date(now + 30_000).toUTCString()]) {
      const retryAfter = inWords()
      receiver.answerNext({ status: 429, headers: { 'retry-after': retryAfter } })
      await isAway(post({}), /429/)
      const asked = receiver.bodies().length
      now += 29_000
      await isAway(post({}), /left alone until 2026-06-10T/)
      assert.equal(receiver.bodies().length, asked)
      now += 1_000
      assert.equal((await post({})).outcome, 'acknowledged')
    }
    receiver.answerNext({ status: 429, headers: { 'retry-after': 'whenever' } })
    await isAway(post({}), /429/)
    assert.equal((await post({})).outcome, 'acknowledged')
  })

  it('that the receiver refuses is not tried again, and only a word of the answer is told', async () => {
    const post = posterTo(receiver.address)
    receiver.answerNext({ status: 404, body: 'no_service' })
    assert.deepEqual(await post({}), { outcome: 'refused', detail: 'it answered 404: no_service' })
    receiver.answerNext({ status: 404, body: 'Cannot POST /services/secret' })
    assert.deepEqual(await post({}), { outcome: 'refused', detail: 'it answered 404' })
    receiver.answerNext({ status: 302, headers: { location: '/elsewhere' } })
    assert.deepEqual(await post({}), { outcome: 'refused', detail: 'it answered 302' })
  })

  it('is given up when the service stops, with the reason and no talk of a receiver that is away', async () => {
    receiver.answerNext('silence')
    const posting = posterTo(receiver.address)({})
    await receiver.asked()
    stopping.abort(new Error('stopping'))
    await assert.rejects(posting, { message: 'stopping' })
    await assert.rejects(posterTo(receiver.address)({}), { message: 'stopping' })
  })
})
