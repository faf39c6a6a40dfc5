/* What tests feed in: streams of observations and weather as bad as real ones, made by fast-check. */
import type { StationStatus, WeatherObservation } from '@velocast/schemas'
import fc from 'fast-check'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** A Saturday evening before the clocks go back in New York, so that streams run over the change. */
export const streamStart = Date.UTC(2024, 10, 2, 22, 0, 0)

export const quietStatus: StationStatus = {
  systemId: 'demo-city',
  stationId: 'station-1',
  observedAt: streamStart,
  polledAt: streamStart,
  reportedAt: null,
  bikes: 10,
  ebikes: null,
  docks: 10,
  bikesDisabled: 0,
  docksDisabled: 0,
  isInstalled: true,
  isRenting: true,
  isReturning: true,
  capacity: 20,
  latitude: 40.7,
  longitude: -74,
  origin: 'REPORTED',
}

/**
 * Degrees, in steps that no rounding bridges: which of two stations is nearer must not hang on the last bit of a formula.
 * At the poles it would, too.
 */
const thousandths = (degrees: number): fc.Arbitrary<number> =>
  fc.integer({ min: -1000 * degrees, max: 1000 * degrees }).map((count) => count / 1000)

/** How long until the next observation: on the grid, within a slot, over a missing slot, over an outage, over a week. */
const stepMs = fc.oneof(
  { weight: 40, arbitrary: fc.integer({ min: -20_000, max: 20_000 }).map((off) => 15 * minuteMs + off) },
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 5 * minuteMs }) },
  { weight: 15, arbitrary: fc.integer({ min: 20, max: 90 }).map((minutes) => minutes * minuteMs) },
  { weight: 5, arbitrary: fc.constantFrom(60 * minuteMs, 60 * minuteMs + 1, 7.5 * minuteMs) },
  { weight: 10, arbitrary: fc.integer({ min: 2, max: 30 }).map((hours) => hours * hourMs) },
  { weight: 1, arbitrary: fc.integer({ min: 100, max: 200 }).map((hours) => hours * hourMs) },
)

const bikes = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 8, max: 12 }) },
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 20) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 2500 }) },
)

const content = fc
  .record({
    bikes,
    electric: fc.option(fc.nat({ max: 10 }), { freq: 4 }),
    docks: fc.option(fc.constantFrom(0, 3, 10, 20), { freq: 6 }),
    reportedBefore: fc.option(fc.integer({ min: -minuteMs, max: hourMs })),
    bikesDisabled: fc.nat({ max: 3 }),
    docksDisabled: fc.nat({ max: 3 }),
    isInstalled: fc.boolean(),
    isRenting: fc.boolean(),
    isReturning: fc.boolean(),
    capacity: fc.option(fc.constantFrom(0, 15, 20)),
    latitude: fc.option(thousandths(85)),
    longitude: fc.option(thousandths(180)),
  })
  .map(({ electric, reportedBefore, ...rest }) => ({
    ...rest,
    ebikes: electric === null ? null : Math.min(electric, rest.bikes),
    reportedBefore,
  }))

/** How long until the next observation of a feed that hardly fails: a week of it fills the longest windows. */
const steadyStepMs = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -20_000, max: 20_000 }).map((off) => 15 * minuteMs + off) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 90 }).map((minutes) => minutes * minuteMs) },
)

/** Observations of one station in the order of time. */
export const timeline = (maxLength: number): fc.Arbitrary<StationStatus[]> =>
  observationsEvery(stepMs, 1, maxLength)

/** Nine days of a feed that hardly fails. */
export const steadyTimeline: fc.Arbitrary<StationStatus[]> = observationsEvery(steadyStepMs, 860, 860)

/** How long until the next observation when weeks have to go by with few of them. */
const slowStepMs = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 50, max: 70 }).map((minutes) => minutes * minuteMs) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 15 }).map((minutes) => minutes * minuteMs) },
  { weight: 1, arbitrary: fc.integer({ min: 2, max: 40 }).map((hours) => hours * hourMs) },
)

/** Two months, an observation every hour or so. */
export const monthsTimeline: fc.Arbitrary<StationStatus[]> = observationsEvery(slowStepMs, 900, 900)

/** Stations that are read side by side, in the order of time; some for a short while only. Two stand at each place. */
export const city = (stations: number, maxLength: number): fc.Arbitrary<StationStatus[]> =>
  fc
    .array(fc.tuple(timeline(maxLength), fc.nat({ max: 8 * hourMs }), fc.boolean()), {
      minLength: stations,
      maxLength: stations,
    })
    .map((timelines) =>
      timelines
        .flatMap(([statuses, laterMs, moves], number) =>
          statuses.map((status) => ({
            ...status,
            stationId: `station-${number}`,
            observedAt: status.observedAt + laterMs,
            polledAt: status.polledAt + laterMs,
            latitude: moves ? status.latitude : 40 + Math.sin(number >> 1) / 50,
            longitude: moves ? status.longitude : -74 + Math.cos(3 * (number >> 1)) / 50,
          })),
        )
        .sort((a, b) => a.observedAt - b.observedAt),
    )

function observationsEvery(
  step: fc.Arbitrary<number>,
  minLength: number,
  maxLength: number,
): fc.Arbitrary<StationStatus[]> {
  const entry = fc.record({ stepMs: step, content })
  return fc.array(entry, { minLength, maxLength, size: 'max' }).map((entries) => {
    let at = streamStart
    return entries.map(({ stepMs, content: { reportedBefore, ...rest } }) => {
      at += stepMs
      const reportedAt = reportedBefore === null ? null : at - reportedBefore
      return { ...quietStatus, ...rest, observedAt: at, polledAt: at + 5_000, reportedAt }
    })
  })
}

/** A timeline as it may arrive: some late by a few places or very many, some twice. */
export const arrivalsOf = (inTime: fc.Arbitrary<StationStatus[]>): fc.Arbitrary<StationStatus[]> =>
  inTime.chain((statuses) =>
    fc
      .array(
        fc.record({
          delay: fc.oneof(
            { weight: 7, arbitrary: fc.constant(0) },
            { weight: 2, arbitrary: fc.integer({ min: 1, max: 6 }) },
            { weight: 1, arbitrary: fc.integer({ min: 1, max: 200 }) },
          ),
          repeatAfter: fc.option(fc.integer({ min: 0, max: 20 }), { freq: 8 }),
        }),
        { minLength: statuses.length, maxLength: statuses.length },
      )
      .map((fates) =>
        statuses
          .flatMap((status, place) => {
            const { delay, repeatAfter } = fates[place]!
            const first = { at: place + delay, status }
            return repeatAfter === null ? [first] : [first, { at: place + delay + repeatAfter, status }]
          })
          .sort((a, b) => a.at - b.at)
          .map(({ status }) => status),
      ),
  )

/** Weather that is read about every hour, with gaps. */
export const weatherReads = fc
  .array(
    fc.record({
      stepMs: fc.integer({ min: 1, max: 8 * hourMs }),
      temperatureC: fc.float({ min: -20, max: 40 }),
      precipitationMm: fc.constantFrom(0, 0.5, 12, Number.NaN),
    }),
    { maxLength: 60, size: 'max' },
  )
  .map((entries) => {
    let at = streamStart - 4 * hourMs
    return entries.map(({ stepMs, ...rest }): WeatherObservation => {
      at += stepMs
      return {
        systemId: 'demo-city',
        locationId: 'centre',
        provider: 'test',
        observedAt: at - minuteMs,
        polledAt: at,
        feelsLikeC: 3,
        humidityPercent: 60,
        windSpeedMps: 4.5,
        cloudCoverPercent: 75,
        pressureHpa: 1013,
        visibilityM: 10_000,
        condition: 'clouds',
        ...rest,
      }
    })
  })
