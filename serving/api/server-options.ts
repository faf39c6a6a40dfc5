import type { Log } from '@velocast/runtime'
import type { Registry } from 'prom-client'
import type { AdminActions } from './access/admin-actions.ts'
import type { ServerAccess } from './access/open-access.ts'
import type { Predictor } from './predictor.ts'
import type { Telemetry } from './telemetry.ts'
import type { V1Options } from './v1/add-v1-routes.ts'
import type { Backends } from './watch-backends.ts'

export interface ServerOptions extends V1Options {
  predictor: Predictor
  metrics: Registry
  telemetry: Telemetry
  log: Log
  version: string
  /** Who may ask what, how often; by default everybody everything. */
  access?: ServerAccess
  /** What may be done to the models; without it there are no routes for it. */
  admin?: AdminActions
  /** What is behind it, as last seen; absent: nothing is looked at. */
  backends?: Backends
}
