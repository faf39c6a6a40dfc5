/** Three stations on a street, by which the documents show what answers look like. */
import { vectorFeatureNames } from '@velocast/features'
import { hourMs, testNow, testStation, testVector } from './test-city.ts'
import { openTestServer } from './test-server.ts'

const stations = [
  { stationId: 'a', name: 'Harbour', latitude: 59.9, bikes: 4, docks: 16 },
  { stationId: 'b', name: 'Market', latitude: 59.902, bikes: 11, docks: 9 },
  { stationId: 'c', name: 'University', latitude: 59.905, bikes: 0, docks: 20 },
]
const values: Record<string, number> = {
  ebikes: 0,
  bikes_disabled: 0,
  docks_disabled: 0,
  is_installed: 1,
  is_renting: 1,
  is_returning: 1,
}

/** A server over it, with a model of made trees and one record of each kind that is listed. */
export const openExampleServer = async () => {
  const server = await openTestServer()
  server.fill('a', 'b', 'c')
  for (const { stationId, name, latitude, bikes, docks } of stations) {
    server.knowledge.takeStation({ ...testStation(stationId), name, latitude })
    const known = testVector(stationId, { bikes })
    for (const [feature, value] of Object.entries({ ...values, docks, latitude, longitude: 10.7 }))
      known.vector[vectorFeatureNames.indexOf(feature)] = value
    server.knowledge.takeVector(known)
  }
  await server.serve(7, { leafSpread: 0.3, trees: 8 })
  const model = { systemId: 'test-city', modelName: 'velocast', modelVersion: '7' }
  server.records.take('forecast-accuracy', {
    ...model,
    stationId: null,
    horizonMinutes: 60,
    windowStartAt: testNow - 24 * hourMs,
    windowEndAt: testNow,
    count: 7_200,
    rmse: 1.8,
    mae: 1.2,
    rmseDamped: 2.2,
    coverage90: 0.91,
    brierBike: 0.06,
    brierDock: 0.05,
  })
  server.records.take('data-quality', {
    systemId: 'test-city',
    stationId: null,
    rule: 'feed-stale',
    checkedAt: testNow,
    status: 'PASS',
    expected: 'a report in the last 15 minutes',
    actual: '1 minute old',
    detail: null,
    vetoesTraining: false,
    value: 1,
  })
  server.records.take('model-activated', {
    ...model,
    replicaId: 'replica-1',
    promotedAt: testNow - hourMs,
    activatedAt: testNow - hourMs + 900,
    fetchMs: 400,
    checkMs: 200,
    warmUpMs: 50,
    swapMs: 1,
    drainMs: 5,
    previousVersion: '6',
  })
  return server
}
