import helmet from '@fastify/helmet'
import type { TypedApp } from '../typed-app.ts'

/** What tells a browser to make nothing more of an answer than it is. The documents' page needs styles of its own. */
export const addSecurityHeaders = async (app: TypedApp, { isTls }: { isTls: boolean }): Promise<void> => {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    // A proxy in front that speaks https says this itself.
    hsts: isTls ? { maxAge: 365 * 24 * 3_600 } : false,
  })
}
