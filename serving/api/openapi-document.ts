import type { SwaggerOptions } from '@fastify/swagger'
import type { FastifySchema } from 'fastify'

/** How the OpenAPI document comes from the schemas that validate requests. */
export const openapiOptions = (version: string): SwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Velocast',
      version,
      description: 'What will be at a bike-share station: bikes, docks, departures, with intervals.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
  },
  transform: ({ schema, url }) => ({
    schema: { ...schema, querystring: leaveOutDefaults(schema?.querystring) } as FastifySchema,
    url,
  }),
})

/** A parameter with a default need not be given. For the handler it is always there, so its schema says required. */
const leaveOutDefaults = (querystring: unknown): unknown => {
  const { required, properties } = (querystring ?? {}) as {
    required?: string[]
    properties?: Record<string, { default?: unknown }>
  }
  if (!required || !properties) return querystring
  return {
    ...(querystring as object),
    required: required.filter((name) => properties[name]?.default === undefined),
  }
}
