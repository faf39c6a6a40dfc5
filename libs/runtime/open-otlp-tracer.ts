/** The only file that knows OpenTelemetry. Loaded when tracing is asked for, and not before. */
import {
  type Attributes,
  DiagLogLevel,
  diag,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
} from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { OpenTracer, TracerOptions } from './open-tracer.ts'
import type { Traceparent } from './tracer.ts'

const EXPORT_WITHIN_MS = 3_000

export const openOtlpTracer = ({
  name,
  endpoint,
  sampledShare,
  log,
}: TracerOptions & { endpoint: string }): OpenTracer => {
  // A collector that is away costs spans, and a line that says so.
  const warn = (message: string): void => log.warn({ detail: message }, 'tracing')
  const silent = (): void => {}
  diag.setLogger({ error: warn, warn, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN)
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_WITHIN_MS,
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': `velocast-${name}` }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampledShare) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        scheduledDelayMillis: 1_000,
        exportTimeoutMillis: EXPORT_WITHIN_MS,
      }),
    ],
  })
  const tracer = provider.getTracer('velocast')

  return {
    tracer: {
      async span(spanName, { attributes, links = [] }, work) {
        const span = tracer.startSpan(
          spanName,
          { attributes: attributes as Attributes, links: linksTo(links) },
          ROOT_CONTEXT,
        )
        try {
          return await work(traceparentOf(span.spanContext()))
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) })
          throw error
        } finally {
          span.end()
        }
      },
    },
    close: () => provider.shutdown().catch((error) => warn(String(error))),
  }
}

const linksTo = (traceparents: readonly (Traceparent | null | undefined)[]): Link[] =>
  traceparents.flatMap((traceparent) => {
    const context = traceparent ? parseTraceParent(traceparent) : null
    return context ? [{ context }] : []
  })

const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): Traceparent =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
