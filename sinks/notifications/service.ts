import { connectFromConfig } from '@velocast/kafka'
import type { Service } from '@velocast/runtime'
import { topics } from '@velocast/schemas'
import { config } from './config.ts'
import { createPoster } from './post-message.ts'
import { sendMessages } from './send-messages.ts'
import { createTelemetry } from './telemetry.ts'
import { webhookTargets } from './webhook-target.ts'

const NAME = 'notifications'
const MINUTE_MS = 60_000

export const notifications: Service<typeof config> = {
  name: NAME,
  config,
  async start({ config: settings, log, clock, metrics, defer, fail, addReadyCheck, addLiveCheck }) {
    const targets = webhookTargets(settings)
    const kafka = connectFromConfig(settings, { clientId: NAME, clock, log })
    defer('kafka', kafka.close)
    const telemetry = createTelemetry(metrics, log)
    const since = clock.now() - settings.NOTIFY_MAX_AGE_MINUTES * MINUTE_MS
    // Each with a group of its own: a receiver that is away holds up no other.
    for (const target of targets) {
      const stopping = new AbortController()
      const stage = await kafka.runBatches({
        group: `${NAME}.${target.name}`,
        from: [topics.modelPromoted, topics.modelRejected, topics.jobRuns, topics.alerts],
        // Committed one by one: what is told again after a crash is one message at most.
        maxRecords: 1,
        handle: sendMessages({
          target,
          post: createPoster({ target, clock, signal: stopping.signal }),
          since,
          telemetry,
        }),
      })
      defer(`stage ${target.name}`, async () => {
        const stopped = stage.stop()
        // Now that it is meant to end, the error of a message that is given up ends nothing else.
        stopping.abort(new Error('the service is stopping'))
        await stopped
      })
      stage.stopped.catch(fail)
      addReadyCheck(target.name, stage.problem)
      addLiveCheck(target.name, stage.stalled)
    }
  },
}
