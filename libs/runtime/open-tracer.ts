import type { Log } from './create-logger.ts'
import { noTracer, type Tracer } from './tracer.ts'

export interface TracerOptions {
  /** The service's name in the traces. */
  name: string
  /** Base address of a collector that speaks OTLP over HTTP; absent: nothing is traced, and no SDK is loaded. */
  endpoint: string | undefined
  /** The share of traces that is kept, 0 to 1. */
  sampledShare: number
  log: Log
}

export interface OpenTracer {
  tracer: Tracer
  /** Sends what is left. Takes some seconds at most, and never rejects. */
  close: () => Promise<void>
}

export const openTracer = async (options: TracerOptions): Promise<OpenTracer> => {
  const { endpoint } = options
  if (!endpoint) return { tracer: noTracer, close: async () => {} }
  const { openOtlpTracer } = await import('./open-otlp-tracer.ts')
  return openOtlpTracer({ ...options, endpoint })
}
