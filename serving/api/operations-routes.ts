import { Type } from 'typebox'
import { problems } from './api-schemas.ts'
import { HttpProblem } from './http-problem.ts'
import { isoTime } from './present-forecast.ts'
import type { ServerOptions } from './server-options.ts'
import type { TypedApp } from './typed-app.ts'

const tags = ['operations']
const Status = Type.Object({ status: Type.String() })

export const addOperationsRoutes = (app: TypedApp, { predictor, metrics, version }: ServerOptions): void => {
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
        response: {
          200: Type.Object({
            status: Type.String(),
            timestamp: Type.String(),
            version: Type.String(),
            model_status: Type.String({ description: 'loaded or not_loaded' }),
            database_status: Type.String({ description: 'not_needed: a predictor answers from memory' }),
          }),
        },
      },
    },
    async () => ({
      status: 'healthy',
      timestamp: isoTime(predictor.clock.now()),
      version,
      model_status: [...predictor.systems.values()].some(({ holder }) => holder.current())
        ? 'loaded'
        : 'not_loaded',
      database_status: 'not_needed',
    }),
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
    app.get(path, { schema: { tags, summary: 'Prometheus text' } }, async (_request, reply) =>
      reply.type(metrics.contentType).send(await metrics.metrics()),
    )
}
