import { createHash } from 'node:crypto'
import { fingerprintOf, modelFeatureNames } from '@velocast/features'
import {
  type BundleManifest,
  goldenPath,
  graphPath,
  manifestPath,
  requiredOutputs,
} from '../bundle-format.ts'
import { postProcess } from '../post-process.ts'
import { makeCalibration } from './make-calibration.ts'
import { writeOnnx } from './onnx-writer.ts'
import { evaluateTrees, growTrees, seededRandom, treesNode } from './random-trees.ts'

export interface MadeBundle {
  /** By path. */
  files: Map<string, Buffer>
  manifest: BundleManifest
  manifestSha256: string
  read: (path: string) => Promise<Buffer>
}

export interface MakeBundleOptions {
  seed?: number
  features?: readonly string[]
  /** Trees and leaves of every output. */
  trees?: number
  leaves?: number
  /** Leaves lie in ± this; 0 makes every output constant. */
  leafSpread?: number
  /** What an output is before any tree; probabilities before the sigmoid. */
  base?: Partial<Record<(typeof requiredOutputs)[number]['name'], number>>
  calibration?: BundleManifest['calibration']
  systemId?: string
  modelName?: string
  /** In place of the graph, and of the golden rows, that belong to the rest. */
  graph?: Buffer
  golden?: Buffer
  /** A last change before the manifest is written, to make the bundle wrong. */
  spoil?: (content: { manifest: BundleManifest; files: Map<string, Buffer> }) => void
}

const DEFAULT_BASE = {
  bikes_q05: -3,
  bikes_q95: 3,
  p_bike: 2,
  p_dock: 1,
  departures_mean: 1.5,
  arrivals_mean: 1.5,
}

/** A valid bundle around seeded trees, its golden rows computed by a plain loop. For tests and benchmarks. */
export const makeBundle = ({
  seed = 1,
  features = modelFeatureNames,
  trees = 3,
  leaves = 4,
  leafSpread = 0.2,
  base = {},
  calibration = makeCalibration(),
  systemId = 'test-city',
  modelName = 'velocast',
  spoil = () => {},
  ...replaced
}: MakeBundleOptions = {}): MadeBundle => {
  const random = seededRandom(seed)
  const outputs = requiredOutputs.map(({ name, kind }) => ({
    name,
    kind,
    base: { ...DEFAULT_BASE, ...base }[name as keyof typeof DEFAULT_BASE] ?? 0,
    trees: growTrees({ features: features.length, trees, leaves, leafSpread }, random),
  }))
  const graph = writeOnnx({
    inputs: [{ name: 'features', columns: features.length }],
    outputs: outputs.map(({ name }) => ({ name, columns: 1 })),
    nodes: outputs.flatMap(({ name, kind, base, trees }) =>
      kind === 'probability'
        ? [
            treesNode(trees, base, `${name}_logit`),
            { op: 'Sigmoid', domain: '', inputs: [`${name}_logit`], outputs: [name] },
          ]
        : [treesNode(trees, base, name)],
    ),
  })
  const rows = Array.from({ length: 8 }, (_, row) =>
    features.map(() => (row === 0 || random() < 0.1 ? null : Math.fround(random() * 20 - 5))),
  )
  const expected = (output: (typeof outputs)[number], row: (number | null)[]): number => {
    const value = evaluateTrees(
      output.trees,
      output.base,
      row.map((each) => each ?? Number.NaN),
    )
    return output.kind === 'probability' ? 1 / (1 + Math.exp(-value)) : value
  }
  const expectedOutputs = Object.fromEntries(
    outputs.map((output) => [output.name, rows.map((row) => expected(output, row))]),
  )
  const now = {
    named_hours: rows.map((_, row) => row + 1),
    bikes: rows.map((_, row) => row),
    docks: rows.map((_, row) => (row === 1 ? null : 20 - row)),
    capacity: rows.map(() => 20),
  }
  const golden = {
    tolerance: 1e-4,
    rows,
    outputs: expectedOutputs,
    now,
    forecasts: postProcess({
      outputs: Object.fromEntries(
        Object.entries(expectedOutputs).map(([name, values]) => [name, Float32Array.from(values)]),
      ),
      calibration,
      horizons: now.named_hours,
      nowOf: (row) => ({ bikes: row, docks: now.docks[row] ?? Number.NaN, capacity: 20 }),
    }),
  }
  const files = new Map([
    [graphPath, replaced.graph ?? graph],
    [goldenPath, replaced.golden ?? Buffer.from(JSON.stringify(golden))],
  ])
  const manifest: BundleManifest = {
    format: 2,
    systemId,
    modelName,
    trainedAt: Date.UTC(2026, 0, 1),
    features: [...features],
    fingerprint: fingerprintOf(features),
    horizonFeature: 'horizon_hours',
    maxHorizonHours: 168,
    outputs: requiredOutputs.map(({ name, kind }) => ({ name, kind, quantity: name })),
    calibration,
    files: [...files].map(([path, content]) => ({ path, sha256: sha256Of(content), bytes: content.length })),
  }
  spoil({ manifest, files })
  const content = Buffer.from(JSON.stringify(manifest))
  files.set(manifestPath, content)
  return {
    files,
    manifest,
    manifestSha256: sha256Of(content),
    read: async (path) => {
      const file = files.get(path)
      if (!file) throw new Error(`there is no ${path}`)
      return file
    },
  }
}

const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex')
