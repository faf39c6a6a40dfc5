/** What a route asks for, and what a key or a token may be used for. */
export const scopes = {
  'forecasts:read': 'forecasts, systems, stations, the model that answers',
  'metrics:read': '/metrics and /monitoring on the public port',
  'models:write': 'reload a model, roll back to another version',
} as const

export type Scope = keyof typeof scopes
/** `public`: nobody is asked who they are, and nothing is counted. */
export type RouteScope = Scope | 'public'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** By the path where a route does not say: see scopeOfPath. */
    scope?: RouteScope
  }
}

export const isScope = (text: string): text is Scope => Object.hasOwn(scopes, text)

const PUBLIC_PATHS: ReadonlySet<string> = new Set(['/', '/health', '/docs', '/openapi.json', '/problems'])
const PUBLIC_FOLDERS = ['/health/', '/docs/', '/problems/']
const METRICS_FOLDERS = ['/monitoring/', '/metrics/']

/** The scope of a route that names none. What nobody has thought of is not public. */
export const scopeOfPath = (path: string): RouteScope => {
  const isIn = (folder: string): boolean => path.startsWith(folder)
  if (PUBLIC_PATHS.has(path) || PUBLIC_FOLDERS.some(isIn)) return 'public'
  if (path === '/metrics' || METRICS_FOLDERS.some(isIn)) return 'metrics:read'
  return 'forecasts:read'
}
