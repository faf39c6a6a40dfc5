import { fractionOf } from '../seeded-random.ts'

/**
 * Noise with mean 0 and variance about 1 that changes smoothly: hashed values on a grid of `scaleMs`, eased between.
 * A pure function of seed, time and layer, which a recursion (an autoregressive process, say) is not: no moment needs
 * those before it.
 */
export type SmoothNoise = (seed: number, at: number, scaleMs: number, layer: number) => number

interface Cell {
  seed: number
  number: number
  before: number
  after: number
}

/** The function remembers the cell that each layer was last asked for: a forecast asks hour after hour. */
export const createSmoothNoise = (): SmoothNoise => {
  const cells: (Cell | undefined)[] = []
  const cellOf = (seed: number, number: number, layer: number): Cell => {
    // Two seeds that follow each other, those of two runs of a forecast, are asked for in turn: a place for each.
    const place = layer * 2 + (seed & 1)
    const known = cells[place]
    if (known && known.number === number && known.seed === seed) return known
    const cell = {
      seed,
      number,
      before: gridValue(seed, number, layer),
      after: gridValue(seed, number + 1, layer),
    }
    cells[place] = cell
    return cell
  }
  return (seed, at, scaleMs, layer) => {
    const position = at / scaleMs
    const number = Math.floor(position)
    const t = position - number
    const { before, after } = cellOf(seed, number, layer)
    return blend(before, after, t * t * (3 - 2 * t))
  }
}

/** Between two independent values of variance 1, at variance 1 all the way. */
export const blend = (before: number, after: number, share: number): number =>
  (before * (1 - share) + after * share) / Math.sqrt((1 - share) ** 2 + share ** 2)

/** Three uniforms, scaled to variance 1: close enough to normal, and bounded by 3. */
const gridValue = (seed: number, cell: number, layer: number): number =>
  (fractionOf(seed, cell, layer, 1) + fractionOf(seed, cell, layer, 2) + fractionOf(seed, cell, layer, 3)) *
    2 -
  3
