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
}

const dayMs = 86_400_000
/** No training label is then later than the moment of a forecast that is scored. */
const gapMs = 7 * dayMs
const testShare = 0.2
/** A gap that would leave less to train on than this is shortened. */
const leastTrainShare = 0.4

/**
 * What is trained on and what is scored: as asked for, and where nothing is asked for the last fifth is scored, a week before it
 * nothing is trained on (less where the recording is short). Throws an error that says what cannot be.
 */
export const chooseWindows = (recorded: Range, asked: AskedWindows): BacktestWindows => {
  const span = recorded.until - recorded.from
  const testTo = Math.min(asked.testTo ?? recorded.until, recorded.until)
  const trainFrom = Math.max(asked.trainFrom ?? recorded.from, recorded.from)
  const testFrom =
    asked.testFrom ??
    (asked.trainTo === undefined ? recorded.until - testShare * span : asked.trainTo + gapMs)
  const latest = testFrom - Math.min(gapMs, (1 - leastTrainShare) * (testFrom - trainFrom))
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
  return { train: { from: trainFrom, until: trainTo }, test: { from: testFrom, until: testTo } }
}
