import { parseSystems, type System } from '@velocast/runtime'
import type { LogEvent } from '../processes/start-process.ts'
import type { DemoOptions } from './demo-options.ts'

export const simulatorEnvironment = (
  options: DemoOptions,
  weeksMoved: string | null,
): Record<string, string> => ({
  SIMULATOR_PORT: String(options.simulatorPort),
  SIMULATOR_SEED: String(options.seed),
  SIMULATOR_STATIONS: String(options.stations),
  SIMULATOR_HISTORY_DAYS: String(options.historyDays),
  ...(options.data ? { SIMULATOR_DATA: options.data } : {}),
  ...(weeksMoved === null ? {} : { SIMULATOR_WEEKS_MOVED: weeksMoved }),
})

/** What the simulator says when its feeds can be asked. */
export const isServing = ({ msg }: LogEvent): boolean => msg === 'serving'

/** The system as the simulator describes it. */
export const systemOf = (serving: LogEvent): System => {
  const text = (field: string): string => String(serving[field])
  const [system] = parseSystems(
    {
      systems: [
        {
          systemId: text('systemId'),
          gbfs: text('gbfsAddress'),
          timeZone: text('timeZone'),
          country: text('country'),
          latitude: serving.latitude,
          longitude: serving.longitude,
          weather: { provider: 'open-meteo', address: text('openMeteoAddress') },
        },
      ],
    },
    'the simulator',
  )
  return system!
}
