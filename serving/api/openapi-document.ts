import { readFileSync } from 'node:fs'
import type { SwaggerOptions } from '@fastify/swagger'
import type { FastifySchema } from 'fastify'
import { scopeOfPath } from './access/scopes.ts'
import { problems } from './api-schemas.ts'

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
    schema: {
      ...schema,
      querystring: leaveOutDefaults(schema?.querystring),
      response: { ...problemsOfAll(url, schema?.body !== undefined), ...(schema?.response as object) },
    } as FastifySchema,
    url,
  }),
  transformObject: (document) => {
    if (!('openapiObject' in document)) return document.swaggerObject
    const { openapiObject } = document
    for (const { get } of Object.values(openapiObject.paths ?? {}) as PathItem[]) {
      const example = examples[get?.operationId ?? '']
      const json = get?.responses?.['200']?.content?.['application/json']
      if (json && example) json.example = example.response
    }
    return openapiObject
  },
})

/** What may come of a request before its route's own work. */
const problemsOfAll = (url: string, hasBody: boolean): object => ({
  ...problems(400, 431),
  ...(hasBody && problems(413, 415)),
  // Where access is guarded.
  ...(scopeOfPath(url) !== 'public' && problems(401, 403, 429)),
})

interface PathItem {
  get?: {
    operationId?: string
    responses?: Record<string, { content?: Record<string, { example?: unknown }> }>
  }
}

/** What the server answered for each operation's own example parameters, in a small city; a test asks again. */
const examples: Readonly<Record<string, { url: string; response: unknown }>> = JSON.parse(
  readFileSync(new URL('./generated/examples.json', import.meta.url), 'utf8'),
)

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
