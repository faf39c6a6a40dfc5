/** Spans, without a word of who collects them: what services and libraries know of tracing. */

/**
 * A span's place, as the header `traceparent` has it: version, trace, span and flags (https://www.w3.org/TR/trace-context).
 * It travels in the headers of records, never in their values, which are the same whether traced or not.
 */
export type Traceparent = string

/** The header of a record and of a request. */
export const traceparentHeader = 'traceparent'

export interface SpanOptions {
  attributes?: Readonly<Record<string, string | number | boolean>>
  /** What it follows from, in other traces; what is absent or no traceparent is left out. */
  links?: readonly (Traceparent | null | undefined)[]
}

export interface Tracer {
  /**
   * Does the work in a span that ends with it, and has failed when it rejects. `own` is the span's place, for what follows
   * from it; null when nothing is traced.
   */
  readonly span: <T>(
    name: string,
    options: SpanOptions,
    work: (own: Traceparent | null) => Promise<T>,
  ) => Promise<T>
}

/** Traces nothing, at no cost but the call. */
export const noTracer: Tracer = { span: (_name, _options, work) => work(null) }

/** The headers that carry a trace on, or undefined when there is none: a record without headers stays without. */
export const carryTrace = (
  traceparent: Traceparent | null | undefined,
): Record<string, string> | undefined => (traceparent ? { [traceparentHeader]: traceparent } : undefined)
