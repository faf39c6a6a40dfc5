import type { FastifyInstance } from 'fastify'
import { isKnownStation } from './knowledge.ts'
import type { Predictor } from './predictor.ts'

/** From then on the routes of the contract have successors in `/v1`. */
const deprecatedAtMs = Date.UTC(2026, 11, 1)
const deprecation = `@${deprecatedAtMs / 1000}`
const deprecatedPaths = '/predict'

/**
 * Marks the forecast routes of the contract: `Deprecation` (RFC 9745), and a `Link` to the successor of the very address
 * where the path names a station, else to where `/v1` begins. Bodies stay as they are. To be called before they are added.
 */
export const markDeprecated = (app: FastifyInstance, { systems }: Predictor): void => {
  const successorOf = (stationId: string | undefined): string => {
    if (stationId === undefined) return '/v1/systems'
    for (const [systemId, { knowledge }] of systems)
      if (isKnownStation(knowledge, stationId))
        return `/v1/systems/${systemId}/stations/${encodeURIComponent(stationId)}/forecast`
    return '/v1/systems'
  }
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith(deprecatedPaths)) return
    route.onRequest = [
      ...[route.onRequest ?? []].flat(),
      (request, reply, done) => {
        const { station_id } = request.params as { station_id?: string }
        reply
          .header('deprecation', deprecation)
          .header('link', `<${successorOf(station_id)}>; rel="successor-version"`)
        done()
      },
    ]
    route.schema = { ...route.schema, deprecated: true }
  })
}
