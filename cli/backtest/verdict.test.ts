import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BacktestReport } from '@velocast/training'
import { horizonName, judge } from './verdict.ts'

const good = {
  rmseToBestNaive: 0.85,
  maeToBestNaive: 0.9,
  coverage90: 0.9,
  brierSkillBike: 0.8,
  brierSkillDock: 0.8,
  eceBike: 0.005,
  eceDock: 0.005,
  departuresRmseToClimatology: 0.9,
}
const goodOverall = { coverage90: 0.9, stationsCovered85: 0.97, winklerRatio: 0.45 }
const reportOf = (
  horizons: readonly { minutes: number; [figure: string]: number | null }[],
  overall: BacktestReport['overall'] = goodOverall,
): BacktestReport => ({ horizons, overall }) as unknown as BacktestReport

const missedWith = (minutes: number, changes: Partial<Record<keyof typeof good, number | null>>): string[] =>
  judge(reportOf([{ minutes, ...good, ...changes }])).missed

test('a model that is good everywhere misses nothing', () => {
  const { demands, missed } = judge(
    reportOf([15, 60, 180, 1440, 4320, 10080].map((minutes) => ({ minutes, ...good }))),
  )
  assert.deepEqual(missed, [])
  assert.ok(demands > 30)
})

test('each horizon has its own bound', () => {
  for (const [minutes, bound] of [
    [15, 1],
    [30, 1],
    [60, 0.95],
    [180, 0.91],
    [1440, 0.9],
    [4320, 0.93],
    [10080, 0.96],
  ] as const) {
    assert.deepEqual(missedWith(minutes, { rmseToBestNaive: bound }), [])
    assert.match(
      missedWith(minutes, { rmseToBestNaive: bound + 0.001 }).join(),
      /RMSE \/ best naive at .* at most/,
    )
  }
})

test('coverage may miss on both sides; what is not asked for at a horizon, or not known, is not missed', () => {
  assert.match(missedWith(60, { coverage90: 0.93 }).join(), /most/)
  assert.match(missedWith(60, { coverage90: 0.87 }).join(), /least/)
  assert.deepEqual(missedWith(30, { maeToBestNaive: 2, brierSkillBike: 0 }), [])
  assert.match(
    missedWith(1440, { brierSkillDock: 0.1 }).join(),
    /Brier skill of a dock at 1 d is 0.100, at least 0.2/,
  )
  assert.deepEqual(missedWith(60, { brierSkillDock: null }), [])
})

test('departures are asked for an hour and a day ahead; stations and the Winkler score over all horizons', () => {
  assert.deepEqual(missedWith(180, { departuresRmseToClimatology: 1 }), [])
  assert.match(missedWith(60, { departuresRmseToClimatology: 0.935 }).join(), /departures .* at 1 h is 0.935/)
  assert.deepEqual(missedWith(1440, { departuresRmseToClimatology: 0.935 }), [])
  const missedOverall = (changes: Partial<BacktestReport['overall']>): string[] =>
    judge(reportOf([], { ...goodOverall, ...changes })).missed
  assert.match(missedOverall({ stationsCovered85: 0.94 }).join(), /stations .* is 0.940, at least 0.95/)
  assert.match(missedOverall({ winklerRatio: 0.51 }).join(), /Winkler .* at most 0.5/)
  assert.deepEqual(missedOverall({ stationsCovered85: null }), [])
})

test('horizons are named as people say them', () => {
  assert.deepEqual([15, 60, 90, 1440, 2880, 1500].map(horizonName), [
    '15 min',
    '1 h',
    '1.5 h',
    '1 d',
    '2 d',
    '25 h',
  ])
})
