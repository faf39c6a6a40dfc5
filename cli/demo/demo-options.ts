import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { dataFolder } from '../folders.ts'

export interface DemoOptions {
  stations: number
  seed: number
  historyDays: number
  /** A folder of recorded snapshots to play instead of the simulated city. */
  data: string | null
  pollEverySeconds: number
  maxRows: number
  trees: number
  apiPort: number
  simulatorPort: number
  /** Stop after the second model instead of staying up. */
  exit: boolean
}

/**
 * What belongs to one city of the demo: the same options find what an earlier run has done and go on from there, others
 * begin anew beside it.
 */
export const demoNames = ({
  stations,
  seed,
  historyDays,
  data,
}: DemoOptions): { prefix: string; database: string; folder: string } => {
  const hash = createHash('sha256')
    .update(JSON.stringify([stations, seed, historyDays, data]))
    .digest('hex')
    .slice(0, 8)
  return {
    prefix: `demo-${hash}-`,
    database: `velocast_demo_${hash}`,
    folder: join(dataFolder, `demo-${hash}`),
  }
}

/** Fewer than an installation has: a laptop's broker takes 20 ms to create each. */
export const DEMO_PARTITIONS = 4
