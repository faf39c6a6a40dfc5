import { ConfigError, type System } from '@velocast/runtime'
import { parseCron } from './cron-expression.ts'
import { cronSchedule, type Schedule } from './schedule.ts'

export interface SystemSchedules {
  status: Schedule
  weather: Schedule
  training: Schedule
}

/** The system's schedules, all in its own time zone. Throws a ConfigError that lists every expression that is wrong. */
export const schedulesOfSystem = (
  system: Pick<System, 'systemId' | 'timeZone' | 'statusCron' | 'weatherCron' | 'trainingCron'>,
): SystemSchedules => {
  const mistakes: string[] = []
  const read = (name: 'statusCron' | 'weatherCron' | 'trainingCron'): Schedule => {
    try {
      return cronSchedule(parseCron(system[name]), system.timeZone)
    } catch (error) {
      mistakes.push(`system ${system.systemId}: ${name}: ${(error as Error).message}`)
      return { lastDue: () => null }
    }
  }
  const schedules = {
    status: read('statusCron'),
    weather: read('weatherCron'),
    training: read('trainingCron'),
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return schedules
}
