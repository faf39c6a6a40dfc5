/* For the test and the bench: whether sums over long windows wander off when they have been updated very often. */
import { quietStatus, streamStart } from './generated-streams.ts'
import { createSystemHistory, slotMs, slotOf, vectorFeatureNames } from './index.ts'

const comparisons = 40

/**
 * Feeds one station with `updates` observations, eight a slot, with levels so high that the running totals overflow again and
 * again, and now and then compares rolling features with loops over what is in their windows: names those that differ.
 */
export const findDrift = (updates: number): string[] => {
  const history = createSystemHistory({ systemId: 'demo-city', timeZone: 'UTC', country: 'US' })
  const vector = new Float32Array(vectorFeatureNames.length)
  let state = 1
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  /** By slot: the last level of each of the 672, and what left in each of the 96. */
  const levels = new Map<number, number>()
  const departures = new Map<number, number>()
  const expected = (): Record<string, number> => {
    const known = [...levels.values()]
    const sum = known.reduce((a, b) => a + b, 0)
    const squares = known.reduce((a, b) => a + b * b, 0)
    return {
      bikes_mean_168h: sum / known.length,
      bikes_sd_168h: Math.sqrt(known.length * squares - sum * sum) / known.length,
      bikes_min_168h: known.reduce((a, b) => Math.min(a, b)),
      bikes_max_168h: known.reduce((a, b) => Math.max(a, b)),
      departures_24h: [...departures.values()].reduce((a, b) => a + b, 0),
    }
  }

  const differing = new Set<string>()
  const comparedEvery = Math.floor(updates / comparisons)
  let bikes = 2_400
  let observedAt = streamStart
  for (let update = 1; update <= updates; update++) {
    observedAt += slotMs / 8
    const before = bikes
    bikes = Math.min(2_500, Math.max(0, bikes + Math.floor(random() * 9) - 4))
    const slot = slotOf(observedAt)
    const status = { ...quietStatus, observedAt, polledAt: observedAt, bikes, docks: 2_500 - bikes }
    const outcome = history.observe(status, vector)
    if (outcome !== 'vector') throw new Error(`update ${update} brought no vector: ${outcome}`)
    levels.set(slot, bikes)
    levels.delete(slot - 672)
    departures.set(slot, (departures.get(slot) ?? 0) + Math.max(0, before - bikes))
    departures.delete(slot - 96)
    if (update % comparedEvery !== 0) continue
    for (const [name, value] of Object.entries(expected()))
      if (vector[vectorFeatureNames.indexOf(name)] !== Math.fround(value)) differing.add(name)
  }
  return [...differing]
}
