import type { GoldenRows } from './bundle-format.ts'
import type { Scorer } from './open-session.ts'

/**
 * Scores the rows that the trainer scored. Null when every output agrees within the tolerance, else the worst
 * difference in words.
 */
export const findGoldenDifference = async (scorer: Scorer, golden: GoldenRows): Promise<string | null> => {
  const rows = Float32Array.from(golden.rows.flat(), (value) => value ?? Number.NaN)
  const outputs = await scorer.score(rows, golden.rows.length)
  let worst = { difference: golden.tolerance, words: null as string | null }
  for (const [name, expected] of Object.entries(golden.outputs)) {
    const found = outputs[name]
    if (!found) return `the graph has no output "${name}"`
    for (const [index, value] of expected.entries()) {
      const difference = Math.abs((found[index] as number) - value)
      // Written so that NaN counts as different.
      if (difference <= worst.difference) continue
      worst = {
        difference: Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference,
        words: `"${name}" of golden row ${index} is ${found[index]}, the trainer had ${value} (tolerance ${golden.tolerance})`,
      }
    }
  }
  return worst.words
}
