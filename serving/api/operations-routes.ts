import { Type } from 'typebox'
import { problems } from './api-schemas.ts'
import { HttpProblem } from './http-problem.ts'
import { Health, HealthDetailed } from './monitoring-schemas.ts'
import { modelInUse } from './predictor.ts'
import { isoTime } from './present-forecast.ts'
import { databaseStatus, presentHealth } from './present-health.ts'
import type { ServerOptions } from './server-options.ts'
import type { TypedApp } from './typed-app.ts'
import { noBackends } from './watch-backends.ts'

const tags = ['operations']
const Status = Type.Object({ status: Type.String() })
const PrometheusText = {
  description: 'every metric',
  content: { 'text/plain': { schema: Type.String() } },
}

export const addOperationsRoutes = (app: TypedApp, options: ServerOptions): void => {
  const { predictor, metrics, version, backends = noBackends } = options
  const startedAt = predictor.clock.now()
  app.get(
    '/',
    {
      schema: {
        tags,
        summary: 'What this is',
        response: {
          200: Type.Object({
            name: Type.String(),
            version: Type.String(),
            docs: Type.String(),
            health: Type.String(),
          }),
        },
      },
    },
    async () => ({ name: 'Velocast', version, docs: '/docs', health: '/health' }),
  )
  app.get(
    '/health',
    {
      schema: {
        tags,
        summary: 'One look',
        response: { 200: Health },
      },
    },
    async () => ({
      status: 'healthy',
      timestamp: isoTime(predictor.clock.now()),
      version,
      model_status: modelInUse(predictor) ? 'loaded' : 'not_loaded',
      database_status: databaseStatus(backends),
    }),
  )
  app.get(
    '/health/detailed',
    {
      schema: {
        tags,
        summary: 'Each part, as last seen; never waits for one that is away',
        response: { 200: HealthDetailed },
      },
    },
    async () => presentHealth({ predictor, backends, version, startedAt }),
  )
  app.get('/health/live', { schema: { tags, response: { 200: Status } } }, async () => ({ status: 'alive' }))
  app.get(
    '/health/ready',
    {
      schema: {
        tags,
        summary: '503 without a model or without features',
        response: { 200: Status, ...problems(503) },
      },
    },
    async () => {
      const gap = predictor.notReady()
      if (gap) throw new HttpProblem(503, `Not ready: ${gap}.`)
      return { status: 'ready' }
    },
  )
  for (const path of ['/metrics', '/monitoring/metrics'])
    app.get(
      path,
      { schema: { tags, summary: 'Prometheus text', response: { 200: PrometheusText } } },
      async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()),
    )
}
