import cors from '@fastify/cors'
import type { TypedApp } from '../typed-app.ts'

const READ_BY_PAGES = [
  'ratelimit',
  'ratelimit-policy',
  'ratelimit-limit',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'www-authenticate',
]

/**
 * Lets pages of these origins ask. A browser's question beforehand is answered here, before anybody is asked who they are:
 * it carries no key. Cookies play no part.
 */
export const answerOrigins = async (
  app: TypedApp,
  origins: readonly string[] | '*' | null,
): Promise<void> => {
  if (origins === null) return
  await app.register(cors, {
    origin: origins === '*' ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST'],
    allowedHeaders: ['authorization', 'content-type', 'x-api-key'],
    exposedHeaders: READ_BY_PAGES,
    maxAge: 3_600,
  })
}
