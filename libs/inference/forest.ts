/** All trees of a graph: which are a row's, by the band of its horizon, and their sums for many rows. */
import { askTrees, collectQuestions, type TreeSum } from './ask-trees.ts'
import { MOST_ROWS } from './assembly/walks.ts'
import { createMemory } from './create-memory.ts'
import { type AskedBand, type PlacedBand, placeBands } from './tree-memory.ts'

/** Which trees are a row's. */
export interface Banding {
  readonly horizonColumn: number
  /** A row's band is known by how many of these its horizon does not pass. */
  readonly edges: readonly number[]
}

export interface BandedTrees {
  /** Null where all rows have the same. */
  readonly banding: Banding | null
  /** By the number of edges that the horizon does not pass. */
  readonly parts: ReadonlyMap<number, TreeSum>
}

export interface Forest {
  /**
   * A float a row for each of the `wanted`, which are some of the trees that the forest was made of; there may be more behind
   * them. They are written anew by the next call.
   */
  readonly sum: (
    rows: Float32Array,
    count: number,
    wanted: readonly BandedTrees[],
  ) => ReadonlyMap<BandedTrees, Float32Array>
}

/** The trees of one band, and where their sums are in it. */
interface Band {
  readonly asked: AskedBand
  readonly indexOf: ReadonlyMap<BandedTrees, number>
}

/** Bands that are told apart by the same edges. */
interface Layer {
  readonly banding: Banding | null
  readonly bands: ReadonlyMap<number, Band>
}

/**
 * Throws a RangeError where the trees ask more than can be said, see `ask-trees.ts`. `onPiece` is called before each piece of
 * the work, of some tenths of a millisecond.
 */
export const createForest = (
  all: readonly BandedTrees[],
  features: number,
  onPiece: () => void = () => {},
): Forest => {
  const layerOf = new Map<BandedTrees, Layer>()
  const bands: Band[] = []
  for (const members of Map.groupBy(all, ({ banding }) => JSON.stringify(banding)).values()) {
    const layer = { banding: members[0]!.banding, bands: bandsOf(members, features) }
    for (const each of members) layerOf.set(each, layer)
    bands.push(...layer.bands.values())
  }
  const placed = placeBands(
    bands.map(({ asked }) => asked),
    features,
  )
  const placeOf = new Map<Band, PlacedBand>(bands.map((band, index) => [band, placed[index]!]))

  const memoryOf = new Map(all.map((trees) => [trees, createMemory()]))
  return {
    sum: (rows, count, wanted) => {
      const sums = new Map(wanted.map((trees) => [trees, memoryOf.get(trees)!(count).fill(0, 0, count)]))
      for (const { banding, bands } of new Set(wanted.map((trees) => layerOf.get(trees)!)))
        for (const [edgesLeft, places] of placesByBand(rows, count, features, banding)) {
          const band = bands.get(edgesLeft)
          if (!band) continue
          const { take, sum } = placeOf.get(band)!
          for (let from = 0; from < places.length; from += MOST_ROWS) {
            onPiece()
            take(rows, places.slice(from, from + MOST_ROWS))
            for (const [each, into] of sums) {
              const index = band.indexOf.get(each)
              if (index !== undefined) sum(index, into)
            }
          }
        }
      return sums
    },
  }
}

const bandsOf = (members: readonly BandedTrees[], features: number): ReadonlyMap<number, Band> => {
  const numbers = new Set(members.flatMap(({ parts }) => [...parts.keys()]))
  return new Map(
    [...numbers].map((edgesLeft) => {
      const own = members.filter(({ parts }) => parts.has(edgesLeft))
      const trees = own.map(({ parts }) => parts.get(edgesLeft)!)
      const questions = collectQuestions(trees, 2 * features)
      return [
        edgesLeft,
        {
          asked: { questions, sums: trees.map((each) => askTrees(each, questions)) },
          indexOf: new Map(own.map((each, index) => [each, index])),
        },
      ]
    }),
  )
}

const placesByBand = (
  rows: Float32Array,
  count: number,
  features: number,
  banding: Banding | null,
): ReadonlyMap<number, number[]> => {
  const placesOf = new Map<number, number[]>()
  for (let row = 0; row < count; row++) {
    const hours = banding ? rows[row * features + banding.horizonColumn]! : 0
    let edgesLeft = 0
    if (banding) for (const edge of banding.edges) if (hours <= edge) edgesLeft++
    const places = placesOf.get(edgesLeft)
    if (places) places.push(row)
    else placesOf.set(edgesLeft, [row])
  }
  return placesOf
}
