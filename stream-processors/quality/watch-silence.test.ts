import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Alert } from '@velocast/schemas'
import { rules } from './rules.ts'
import { createSystemJudge, type PollEvidence } from './system-judge.ts'
import { generatePolls, POLL_MS } from './testing/city-log.ts'
import { watchSilence } from './watch-silence.ts'

const startAt = Date.UTC(2026, 5, 10, 12)
const POLLS = 5
const MINUTE_MS = 60_000

const watchAt = (minutesAfterLastPoll: number) => {
  const judge = createSystemJudge('city', rules)
  const polls = [...generatePolls({ stations: 1, polls: POLLS + 1, startAt })].map(({ poll }) => poll)
  const take = (index: number): Alert[] => {
    const evidence: PollEvidence = { poll: polls[index]!, stations: null, weather: [], isReplayed: false }
    return judge.judge(evidence).alerts
  }
  for (let index = 0; index < POLLS; index += 1) take(index)
  const published: Alert[] = []
  const state = { isUpToDate: true }
  const watch = watchSilence({
    judges: () => [{ systemId: 'city', judge }],
    isUpToDate: async () => state.isUpToDate,
    publish: async (alerts) => {
      published.push(...alerts)
      for (const alert of alerts) judge.knowAlert(alert)
    },
    clock: { now: () => startAt + (POLLS - 1) * POLL_MS + minutesAfterLastPoll * MINUTE_MS },
  })
  return { watch, published, state, nextPoll: () => take(POLLS) }
}

describe('the watch over silence', () => {
  it('says nothing while the next poll may still come', async () => {
    const { watch, published } = watchAt(59)
    await watch.runOnce()
    assert.deepEqual(published, [])
  })

  it('raises one alert, of the moment from which polls were missed', async () => {
    const { watch, published } = watchAt(200)
    await watch.runOnce()
    await watch.runOnce()
    assert.deepEqual(
      published.map(({ alert, raisedAt }) => [alert, raisedAt]),
      [['polls-stopped', startAt + (POLLS - 1) * POLL_MS + 60 * MINUTE_MS]],
    )
  })

  it('says nothing before all polls in the log have been judged', async () => {
    const { watch, published, state } = watchAt(200)
    state.isUpToDate = false
    await watch.runOnce()
    assert.deepEqual(published, [])
  })

  it('leaves the end of the alert to the next poll, which came in time here', () => {
    assert.deepEqual(watchAt(10).nextPoll(), [])
  })
})
