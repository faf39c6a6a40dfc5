import type { Range } from '../dataset/dataset-source.ts'

export interface AskedWindows {
  trainFrom?: number | undefined
  trainTo?: number | undefined
  testFrom?: number | undefined
  testTo?: number | undefined
}

export interface BacktestWindows {
  /** Of the targets, epoch milliseconds. */
  train: Range
  test: Range
  /** The longest horizon that so much can be learnt of, milliseconds. */
  longestMs: number
}

const dayMs = 86_400_000
/** As long as the longest horizon: no training label is then later than the moment of a forecast that is scored. */
const gapMs = 7 * dayMs
const testShare = 0.2
/**
 * Of the time that is trained on, how long the longest horizon may be. A fifth stops and calibrates, and as much as the longest
 * horizon is left out before it: two fifths remain.
 */
const longestShare = 0.4

/**
 * What is trained on and what is scored: as asked for, and where nothing is asked for the last fifth is scored, a week before it
 * nothing is trained on. Of a short recording the longest horizons cannot be learnt, and the gap is as short as those that can.
 * Throws an error that says what cannot be.
 */
export const chooseWindows = (recorded: Range, asked: AskedWindows): BacktestWindows => {
  const span = recorded.until - recorded.from
  const testTo = Math.min(asked.testTo ?? recorded.until, recorded.until)
  const trainFrom = Math.max(asked.trainFrom ?? recorded.from, recorded.from)
  const testFrom =
    asked.testFrom ??
    (asked.trainTo === undefined ? recorded.until - testShare * span : asked.trainTo + gapMs)
  const latest = testFrom - Math.min(gapMs, (longestShare / (1 + longestShare)) * (testFrom - trainFrom))
  const trainTo = asked.trainTo ?? latest
  const named = (moment: number): string => new Date(moment).toISOString()
  if (!(trainFrom < trainTo))
    throw new Error(`there is nothing to train on from ${named(trainFrom)} to ${named(trainTo)}`)
  if (!(testFrom < testTo))
    throw new Error(
      `there is nothing to score from ${named(testFrom)} to ${named(testTo)}: the recording goes from ${named(recorded.from)} to ${named(recorded.until)}`,
    )
  if (trainTo > testFrom)
    throw new Error(
      `the training (to ${named(trainTo)}) must end before the test begins (${named(testFrom)})`,
    )
  return {
    train: { from: trainFrom, until: trainTo },
    test: { from: testFrom, until: testTo },
    longestMs: Math.min(gapMs, longestShare * (trainTo - trainFrom)),
  }
}
