import type { Bundle, Scorer } from '@velocast/inference'

type Score = Scorer['score']

/** The bundle, its scorer changed. */
export const withScore = (bundle: Bundle, change: (score: Score) => Score): Bundle => ({
  ...bundle,
  scorer: { ...bundle.scorer, score: change(bundle.scorer.score) },
})

/** The bundle, and how often it has been asked. */
export const withRuns = (of: Bundle): { bundle: Bundle; runs: () => number } => {
  let runs = 0
  const bundle = withScore(of, (score) => (...asked) => {
    runs++
    return score(...asked)
  })
  return { bundle, runs: () => runs }
}
