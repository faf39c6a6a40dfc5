import { join } from 'node:path'

/** Nothing is told to anybody. */
export const turbo = {
  command: join(import.meta.dirname, '..', 'node_modules', '.bin', 'turbo'),
  env: { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
}
