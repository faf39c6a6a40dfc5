import type { Log } from '@velocast/runtime'
import type { Registry } from 'prom-client'
import type { Predictor } from './predictor.ts'
import type { Telemetry } from './telemetry.ts'
import type { V1Options } from './v1/add-v1-routes.ts'

export interface ServerOptions extends V1Options {
  predictor: Predictor
  metrics: Registry
  telemetry: Telemetry
  log: Log
  version: string
}
