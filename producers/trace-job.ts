import { carryTrace, type Traceparent, type Tracer } from '@velocast/runtime'
import type { Job, Publish } from './job.ts'

export interface TracedJobOptions<C> {
  tracer: Tracer
  systemId: string
  publish: Publish
  /** Makes the job on the publisher that it is to use. */
  jobOf: (publish: Publish) => Job<C>
}

/** The job, each run in a span, and what a run publishes marked with it. One run at a time, as `runWhenDue` has it. */
export const traceJob = <C>({ tracer, systemId, publish, jobOf }: TracedJobOptions<C>): Job<C> => {
  let present: Traceparent | null = null
  const job = jobOf((records, polls) => publish(records, polls, carryTrace(present)))
  const attributes = { 'velocast.system': systemId, 'velocast.job': job.name }
  return {
    ...job,
    runOnce: (state) =>
      tracer.span(`poll ${job.name}`, { attributes }, (own) => {
        present = own
        return job.runOnce(state)
      }),
  }
}
