/**
 * The weather of the past, for history that came in without it: from recorded snapshots, or from trips. What is published
 * is that which Open-Meteo knows now of those hours. It can be stopped at any moment and run again: the same hours are
 * published again with the same keys, which changes nothing downstream.
 */
import type { KafkaClient, TopicRecord } from '@velocast/kafka'
import { type Clock, type System, UnavailableError } from '@velocast/runtime'
import { topics, type WeatherForecast, type WeatherObservation } from '@velocast/schemas'
import { publishHistory } from '../backfill/publish-history.ts'
import { collectOddities, type FoundOddity, mergeOddities } from '../gbfs/collect-oddities.ts'
import type { RequestJson } from '../http/request-json.ts'
import type { Publish } from '../job.ts'
import { isRecent, openMeteoForecastRuns, openMeteoObserved, type PastReader } from './open-meteo-past.ts'

export interface WeatherBackfillOptions {
  system: Pick<System, 'systemId' | 'weatherLocations'> & Partial<Pick<System, 'weather'>>
  /** Epoch milliseconds, both included. */
  from: number
  to: number
  request: RequestJson
  kafka: KafkaClient
  clock: Clock
  onProgress?: (progress: { share: number; at: number; published: number }) => void
  signal?: AbortSignal
}

export interface WeatherBackfillResult {
  observations: number
  /** Forecasts that could have been known at each hour; none for what is longer ago than they are kept. */
  forecasts: number
  /** Why there are none of the last months, where the service refuses to say, as one's own copy of it may. */
  withoutForecasts: string | null
  oddities: FoundOddity[]
}

const STEP_MS = 14 * 24 * 60 * 60_000
/** A forecast of a week has about 7,000 bytes. */
const RECORDS_A_SEND = 500

/** Rejects with an UnavailableError where Open-Meteo does not answer, and with the signal's reason when it is aborted. */
export const backfillWeather = async (options: WeatherBackfillOptions): Promise<WeatherBackfillResult> => {
  const { kafka, clock, signal = new AbortController().signal } = options
  const producer = await kafka.openProducer()
  try {
    return await publishPastWeather(options, publishHistory(producer, clock, signal))
  } finally {
    await producer.close()
  }
}

export const publishPastWeather = async (
  { system, from, to, request, clock, onProgress, signal }: Omit<WeatherBackfillOptions, 'kafka'>,
  publish: Publish,
): Promise<WeatherBackfillResult> => {
  const address = system.weather?.provider === 'open-meteo' ? system.weather.address : undefined
  const observed = openMeteoObserved(address)
  const runs = openMeteoForecastRuns(address)
  const result: WeatherBackfillResult = {
    observations: 0,
    forecasts: 0,
    withoutForecasts: null,
    oddities: [],
  }
  for (let start = from; start <= to; start += STEP_MS) {
    signal?.throwIfAborted()
    const { note, found } = collectOddities()
    const window = { from: start, to: Math.min(to, start + STEP_MS - 1), now: clock.now(), note }
    const readAll = async <T>(
      reader: PastReader<T>,
      toRecord: (locationId: string, provider: string, value: T) => TopicRecord,
    ): Promise<TopicRecord[]> => {
      const readings = await reader.read(request, system.weatherLocations, window)
      return system.weatherLocations.flatMap(({ locationId }, index) => {
        const reading = readings[index]!
        if (reading.kind === 'failed' && reader === runs && reading.error.failure === 'refused') {
          result.withoutForecasts = reading.error.message
          return []
        }
        if (reading.kind === 'failed') throw new UnavailableError('Open-Meteo', reading.error)
        if (reading.kind !== 'read') return []
        return reading.reading.map((value) => toRecord(locationId, reader.provider, value))
      })
    }
    const { systemId } = system
    // Known from the hour that they are of: nothing of it was made later.
    const observations = await readAll(observed, (locationId, provider, now) => {
      const value: WeatherObservation = { systemId, locationId, provider, polledAt: now.observedAt, ...now }
      return { topic: topics.weatherObservations, value }
    })
    const forecasts = isRecent(window)
      ? await readAll(runs, (locationId, provider, ahead) => {
          const value: WeatherForecast = {
            systemId,
            locationId,
            provider,
            polledAt: ahead.issuedAt,
            ...ahead,
          }
          return { topic: topics.weatherForecasts, value }
        })
      : []
    const records = [...observations, ...forecasts]
    for (let sent = 0; sent < records.length; sent += RECORDS_A_SEND)
      await publish(records.slice(sent, sent + RECORDS_A_SEND), [])
    result.observations += observations.length
    result.forecasts += forecasts.length
    result.oddities = mergeOddities(result.oddities, found())
    onProgress?.({
      share: Math.min(1, (start + STEP_MS - from) / (to - from + 1)),
      at: window.to,
      published: result.observations + result.forecasts,
    })
  }
  return result
}
