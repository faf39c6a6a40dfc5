import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TrainingTrigger } from '@velocast/schemas'
import { findCoolDown } from './find-cool-down.ts'

const MINUTE_MS = 60_000
const decidedAt = Date.UTC(2026, 5, 10, 3)
const coolDownMs = 360 * MINUTE_MS

const find = (minutesAfter: number, cause: TrainingTrigger['cause'] = 'LOST_SKILL', decided = decidedAt) =>
  findCoolDown({ cause, triggeredAt: decidedAt + minutesAfter * MINUTE_MS }, decided, coolDownMs)

describe('the cool-down', () => {
  it('skips lost skill within the time, and says since when and for how long', () => {
    assert.match(
      find(90) ?? '',
      /^cool-down: skill was found lost 90 minutes after the end of the last training \(2026-06-10T03:00:00\.000Z\), and there are 360 minutes/,
    )
    assert.notEqual(find(359.99), null)
  })

  it('is over when the time is', () => {
    assert.equal(find(360), null)
  })

  it('skips what was found before the training had ended', () => {
    assert.match(find(-5) ?? '', /lost before the end/)
  })

  it('is not for a person, nor for the calendar', () => {
    assert.equal(find(1, 'MANUAL'), null)
    assert.equal(find(1, 'DAILY'), null)
  })

  it('needs a training before, and can be turned off', () => {
    const trigger = { cause: 'LOST_SKILL', triggeredAt: decidedAt } as const
    assert.equal(findCoolDown(trigger, null, coolDownMs), null)
    assert.equal(findCoolDown({ ...trigger, triggeredAt: decidedAt - 1 }, decidedAt, 0), null)
  })
})
