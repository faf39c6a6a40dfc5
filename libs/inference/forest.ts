/** All trees of a graph: which are a row's, by the band of its horizon, and their sums for many rows. */
import {
  type AskedTrees,
  answerQuestions,
  askTrees,
  collectQuestions,
  MOST_ROWS,
  type Questions,
  sumTrees,
  type TreeSum,
} from './sum-trees.ts'

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
  /** A float a row for each of the `wanted`, which are some of the trees that the forest was made of. */
  readonly sum: (
    rows: Float32Array,
    count: number,
    wanted: readonly BandedTrees[],
  ) => ReadonlyMap<BandedTrees, Float32Array>
}

/** The trees of one band: they ask their questions together. */
interface Band {
  readonly questions: Questions
  readonly treesOf: ReadonlyMap<BandedTrees, AskedTrees>
}

/** Bands that are told apart by the same edges. */
interface Layer {
  readonly banding: Banding | null
  readonly bands: ReadonlyMap<number, Band>
}

export const createForest = (all: readonly BandedTrees[], features: number): Forest => {
  const layerOf = new Map<BandedTrees, Layer>()
  let most = 0
  for (const members of Map.groupBy(all, ({ banding }) => JSON.stringify(banding)).values()) {
    const layer = { banding: members[0]!.banding, bands: bandsOf(members, features) }
    for (const each of members) layerOf.set(each, layer)
    for (const { questions } of layer.bands.values()) most = Math.max(most, questions.thresholds.length)
  }
  // Those of one band at a time.
  const answers = new Int32Array(most)

  return {
    sum: (rows, count, wanted) => {
      const sums = new Map(wanted.map((trees) => [trees, new Float32Array(count)]))
      for (const { banding, bands } of new Set(wanted.map((trees) => layerOf.get(trees)!)))
        for (const [edgesLeft, places] of placesByBand(rows, count, features, banding)) {
          const band = bands.get(edgesLeft)
          if (!band) continue
          for (let from = 0; from < places.length; from += MOST_ROWS) {
            const some = Int32Array.from(places.slice(from, from + MOST_ROWS))
            answerQuestions(band.questions, rows, features, some, answers)
            for (const [each, into] of sums) {
              const trees = band.treesOf.get(each)
              if (trees) sumTrees(trees, answers, some, into)
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
      const own = members.flatMap((member) => {
        const sum = member.parts.get(edgesLeft)
        return sum ? [[member, sum] as const] : []
      })
      const questions = collectQuestions(
        own.map(([, sum]) => sum),
        2 * features,
      )
      return [
        edgesLeft,
        { questions, treesOf: new Map(own.map(([of, sum]) => [of, askTrees(sum, questions)])) },
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
