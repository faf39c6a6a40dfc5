import type { Clock, System, Tracer } from '@velocast/runtime'
import type { ApiKey } from './http/api-key.ts'
import { keyed } from './http/key-of-system.ts'
import type { RequestJson } from './http/request-json.ts'
import type { Job, Publish, RunResult } from './job.ts'
import { type DueRunner, runWhenDue } from './run-when-due.ts'
import type { SystemSchedules } from './schedule/schedules-of-system.ts'
import { stationPolling } from './stations/poll-stations.ts'
import type { StationCursor } from './stations/station-cursor.ts'
import { traceJob } from './trace-job.ts'
import { dailyTraining, type TrainingCursor } from './triggers/daily-training.ts'
import { type WeatherCursor, weatherPolling } from './weather/poll-weather.ts'
import type { WeatherProvider } from './weather/weather-provider.ts'

export interface SystemCursors {
  stations: StationCursor
  weather: WeatherCursor
  training: TrainingCursor
}

export interface FollowedSystem {
  system: System
  schedules: SystemSchedules
  provider: WeatherProvider
  /** To the operator's feeds, where they need one. */
  key: ApiKey | undefined
  respectsTtl: boolean
  /** As they are in the log. */
  cursors: SystemCursors
  request: RequestJson
  publish: Publish
  tracer: Tracer
  clock: Clock
  onResult: (job: string, result: RunResult<unknown>) => void
  onFailure: (error: unknown) => void
}

/** The jobs of one system, by name, each on its own: a slow feed delays no other. */
export const followSystem = ({
  system,
  schedules,
  provider,
  key,
  respectsTtl,
  cursors,
  request,
  publish,
  tracer,
  clock,
  onResult,
  onFailure,
}: FollowedSystem): DueRunner[] => {
  const keep = <C>(jobOf: (publish: Publish) => Job<C>, cursor: C): DueRunner => {
    const job = traceJob({ tracer, systemId: system.systemId, publish, jobOf })
    return runWhenDue({ job, cursor, clock, onResult: (result) => onResult(job.name, result), onFailure })
  }
  return [
    keep(
      (marked) =>
        stationPolling({
          system,
          schedule: schedules.status,
          request: keyed(request, key),
          publish: marked,
          respectsTtl,
        }),
      cursors.stations,
    ),
    keep(
      (marked) => weatherPolling({ system, provider, schedule: schedules.weather, request, publish: marked }),
      cursors.weather,
    ),
    keep(
      (marked) => dailyTraining({ system, schedule: schedules.training, publish: marked }),
      cursors.training,
    ),
  ]
}
