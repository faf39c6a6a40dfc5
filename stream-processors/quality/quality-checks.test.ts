import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rules } from './rules.ts'
import { eventfulLog } from './testing/eventful-log.ts'
import { judgeLog } from './testing/judge-log.ts'

describe('judging a log', () => {
  const log = eventfulLog(Date.UTC(2026, 5, 10, 12))
  const once = judgeLog(log)
  const hoursIn = (at: number): number => (at - log[0]!.value.polledAt) / 3_600_000

  it('finds all that went wrong, and nothing when it did not', () => {
    const ofSystem = once.results.filter(({ stationId }) => stationId === null)
    const names = (isPassing: boolean): string[] => [
      ...new Set(ofSystem.filter(({ status }) => (status === 'PASS') === isPassing).map(({ rule }) => rule)),
    ]
    assert.deepEqual(names(false).sort(), rules.map(({ name }) => name).sort())
    assert.deepEqual(names(true).sort(), rules.map(({ name }) => name).sort())
  })

  it('names a station when something begins, daily while it lasts, and when it is over', () => {
    const stuck = once.results.filter(
      ({ rule, stationId }) => rule === 'stuck-stations' && stationId === 's0',
    )
    const told = stuck.map(({ checkedAt, status }) => `${hoursIn(checkedAt)} ${status}`)
    // It stands still from 32 h on; 48 h later that is remarkable, and it moves again at 112 h.
    assert.deepEqual(told, ['80.5 WARN', '83.75 WARN', '107.75 WARN', '112.5 PASS'])
    assert.ok(stuck.every(({ vetoesTraining }) => !vetoesTraining))
  })

  it('raises each alert once, and ends it', () => {
    const lasting = (name: string): [number, number | null][] =>
      once.alerts
        .filter(({ alert, resolvedAt }) => alert === name && resolvedAt !== null)
        .map(({ raisedAt, resolvedAt }) => [hoursIn(raisedAt), hoursIn(resolvedAt!)])
    assert.deepEqual(lasting('quality-feed-silence'), [[15.5, 16.5]])
    assert.deepEqual(lasting('quality-feed-age'), [[25.75, 28]])
    assert.deepEqual(lasting('quality-completeness'), [[38, 39.75]])
    assert.deepEqual(lasting('quality-changed-identities'), [[75, 76.25]])
    assert.deepEqual(lasting('quality-rejected-stations'), [[118, 119.25]])
    assert.deepEqual(lasting('polls-stopped'), [[100.75, 105]])
    const events = once.alerts.map(({ alert, raisedAt, resolved }) => `${alert} ${raisedAt} ${resolved}`)
    assert.equal(new Set(events).size, events.length)
    const [frozen] = once.alerts.filter(({ alert }) => alert === 'quality-feed-frozen')
    assert.equal(frozen?.resolved, false)
    assert.equal(frozen.summary, 'city: "Something moves" fails: 14 hours, should be under 8 hours')
  })

  const ofRule = (name: string) =>
    once.results.filter(({ rule, stationId }) => rule === name && stationId === null)

  it('judges weather that the producer has not believed, and polls of it that bring nothing', () => {
    const told = (name: string): string[] =>
      ofRule(name)
        .filter(({ status }) => status !== 'PASS')
        .map(
          ({ checkedAt, status, actual }) => `${Math.floor(hoursIn(checkedAt) * 4) / 4} ${status} ${actual}`,
        )
    assert.deepEqual(told('weather-plausible'), [
      '80 FAIL 1 values',
      '80.5 FAIL 1 values',
      '81 FAIL 1 values',
    ])
    const [first] = ofRule('weather-plausible').filter(({ status }) => status === 'FAIL')
    assert.match(first!.detail!, /^For example temperatureC 285 °C\. Compare with/)
    assert.equal(first!.vetoesTraining, true)
    assert.ok(once.alerts.some(({ alert }) => alert === 'quality-weather-plausible'))
    assert.deepEqual(told('weather-complete').slice(0, 2), [
      '81.5 FAIL 100 % of the values',
      '82 FAIL 100 % of the values',
    ])
    const moments = ofRule('weather-complete').map(({ checkedAt }) => checkedAt)
    assert.equal(new Set(moments).size, moments.length, 'the two records of a weather poll are judged once')
  })

  it('names what a feed says no more, and what it says for the first time', () => {
    const told = ofRule('schema-drift')
      .filter(({ status }) => status !== 'PASS')
      .map(({ checkedAt, detail }) => `${hoursIn(checkedAt)} ${detail!.split('. ')[0]}`)
    const gone = 'num_ebikes_available is gone from station_status'
    assert.deepEqual(told, [
      '30.75 the oddity time-as-text is new',
      // Until most hours of the day before are without it.
      ...Array.from({ length: 12 }, (_, hour) =>
        hour === 9 ? `80.75 the oddity weather-implausible is new, ${gone}` : `${71.75 + hour} ${gone}`,
      ),
      '87.75 station_status is of version 3.0, was of 2.3',
      '119.75 the oddity last-updated-in-the-future is new',
    ])
  })

  it('says the same however far the sides are ahead of the polls', () => {
    for (const ahead of [1, 7, 500, log.length]) assert.deepEqual(judgeLog(log, { ahead }), once, `${ahead}`)
  })

  it('says the same, and each alert once, whenever the processor dies', () => {
    for (const dieEvery of [40, 133]) {
      assert.deepEqual(judgeLog(log, { dieEvery }), once, `every ${dieEvery}`)
      assert.deepEqual(judgeLog(log, { dieEvery, ahead: 2_000 }), once, `every ${dieEvery}, ahead`)
    }
  })
})
