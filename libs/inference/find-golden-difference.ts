import type { BundleManifest, GoldenRows } from './bundle-format.ts'
import { postProcess } from './post-process.ts'
import type { Scorer } from './scorer.ts'

/**
 * Scores the rows that the trainer scored, and makes forecasts of the trainer's own outputs. Null when all agree within the
 * tolerance, else the worst difference in words.
 */
export const findGoldenDifference = async (
  scorer: Scorer,
  golden: GoldenRows,
  calibration: BundleManifest['calibration'],
): Promise<string | null> => {
  const rows = Float32Array.from(golden.rows.flat(), (value) => value ?? Number.NaN)
  const outputs = await scorer.score(rows, golden.rows.length)
  return (
    findWorst(outputs, golden.outputs, golden.tolerance) ??
    findWorst(forecastsOf(golden, calibration), golden.forecasts, golden.tolerance)
  )
}

const forecastsOf = (golden: GoldenRows, calibration: BundleManifest['calibration']) => {
  const { named_hours, bikes, docks, capacity } = golden.now
  const at = (values: readonly (number | null)[], row: number): number => values[row] ?? Number.NaN
  return postProcess({
    outputs: Object.fromEntries(
      Object.entries(golden.outputs).map(([name, values]) => [name, Float32Array.from(values)]),
    ),
    calibration,
    horizons: Array.from(named_hours, (_, row) => at(named_hours, row)),
    nowOf: (row) => ({ bikes: at(bikes, row), docks: at(docks, row), capacity: at(capacity, row) }),
  })
}

const findWorst = (
  found: Readonly<Record<string, ArrayLike<number>>>,
  expected: Readonly<Record<string, readonly (number | null)[]>>,
  tolerance: number,
): string | null => {
  let worst = { difference: tolerance, words: null as string | null }
  for (const [name, values] of Object.entries(expected)) {
    const computed = found[name]
    if (!computed) return `there is no output "${name}"`
    for (const [row, value] of values.entries()) {
      if (value === null && Number.isNaN(computed[row])) continue
      const difference = Math.abs(computed[row]! - (value ?? Number.NaN))
      // Written so that NaN counts as different.
      if (difference <= worst.difference) continue
      worst = {
        difference: Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference,
        words: `"${name}" of golden row ${row} is ${computed[row]}, the trainer had ${value} (tolerance ${tolerance})`,
      }
    }
  }
  return worst.words
}
