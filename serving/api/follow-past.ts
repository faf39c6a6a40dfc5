/**
 * What was seen at the stations in the last four weeks, in two steps: the snapshots that the features processor keeps in
 * `station-state`, then the observations since. The disk of a predictor that was here before may know as much already.
 */
import { maxLatenessMs, warmUpMs } from '@velocast/features'
import type { Follower, FollowOptions, KafkaClient } from '@velocast/kafka'
import type { Clock } from '@velocast/runtime'
import { topics } from '@velocast/schemas'
import type { Knowledge } from './knowledge.ts'

/** As one follower, of which only the observations go on. */
export const followPast = async (
  kafka: KafkaClient,
  replicas: readonly { knowledge: Knowledge }[],
  clock: Clock,
  apply: Pick<FollowOptions, 'systemIds' | 'onRecords'>,
): Promise<Follower> => {
  const snapshots = await kafka.follow({ topics: [topics.stationState], from: 'beginning', ...apply })
  const stopping = new AbortController()
  let following: Follower = snapshots
  const observations = snapshots.caughtUp.then(async () => {
    const known = replicas.map(({ knowledge }) => knowledge.past.knownUntil() ?? Number.NEGATIVE_INFINITY)
    // What comes late changes slots up to a day back; of what is older than the past that is kept nothing is used.
    const atMs = Math.max(Math.min(...known) - maxLatenessMs, clock.now() - warmUpMs)
    await snapshots.stop()
    if (stopping.signal.aborted) return null
    const follower = await kafka.follow({ topics: [topics.stationStatus], from: { atMs }, ...apply })
    following = follower
    return follower
  })
  const stopped = observations.then((follower) => follower?.stopped)
  stopped.catch(() => {})
  return {
    caughtUp: observations.then((follower) => follower?.caughtUp),
    stopped: Promise.race([stopped, snapshots.stopped.then(() => stopped)]),
    problem: () => following.problem(),
    stalled: () => following.stalled(),
    lag: () => following.lag(),
    stop: async () => {
      stopping.abort()
      await snapshots.stop()
      if (following !== snapshots) await following.stop()
    },
  }
}
