import type { Log } from '@velocast/runtime'
import type { Registry } from 'prom-client'
import type { Predictor } from './predictor.ts'
import type { Telemetry } from './telemetry.ts'
import type { Backends } from './watch-backends.ts'

export interface ServerOptions {
  predictor: Predictor
  metrics: Registry
  telemetry: Telemetry
  log: Log
  version: string
  /** What is behind it, as last seen; absent: nothing is looked at. */
  backends?: Backends
}
