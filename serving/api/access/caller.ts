/** Who asks, as far as they have shown. */
export interface Caller {
  /** `key:ID`, `token:SUBJECT`, `anonymous`, or `local` where nobody is asked. */
  readonly id: string
  readonly scopes: ReadonlySet<string>
  /** By which their requests are limited. */
  readonly tier: string
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler. */
    caller: Caller
  }
}
