/** A generated city as a predictor knows it, in memory. */
import { createKnowledge, type Knowledge } from '@velocast/api'
import { createSystemHistory, vectorFeatureNames } from '@velocast/features'
import { parseSystems } from '@velocast/runtime'
import { generateStatus, generateWeather } from '@velocast/testkit'

export const benchSystem = parseSystems(
  {
    systems: [
      {
        systemId: 'bench-city',
        gbfs: 'http://127.0.0.1',
        timeZone: 'Europe/Zurich',
        country: 'CH',
        latitude: 47,
        longitude: 8,
      },
    ],
  },
  'bench',
)[0]!

export const stationOf = (index: number): string => `station-${index}`

/** `days` of polls every quarter of an hour: what a feature looks back by is eight of them, at most. */
export const generateKnowledge = ({ stations, days = 8 }: { stations: number; days?: number }): Knowledge => {
  const knowledge = createKnowledge(benchSystem)
  const history = createSystemHistory(benchSystem)
  const sizes = { seed: 1, systemId: benchSystem.systemId, polls: days * 96 }
  for (const { observation, forecast } of generateWeather(sizes)) {
    history.applyWeather(observation)
    knowledge.takeWeather(forecast)
  }
  const vector = new Float32Array(vectorFeatureNames.length)
  for (const status of generateStatus({ ...sizes, stations })) {
    history.observe(status, vector)
    knowledge.takeObservation(status)
    const { stationId, observedAt: asOf, polledAt } = status
    knowledge.takeVector({ stationId, asOf, polledAt, vector })
  }
  return knowledge
}
