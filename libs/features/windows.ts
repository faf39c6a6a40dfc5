import { hourMs, minuteMs, slotMs } from './slots.ts'

/** How a span of time is written in a feature's name: minutes below an hour, whole hours from there on. */
export const spanName = (spanMs: number): string =>
  spanMs < hourMs ? `${spanMs / minuteMs}m` : `${spanMs / hourMs}h`

export const slotsIn = (spanMs: number): number => spanMs / slotMs

/**
 * The part of a window that must be known for its value to count: enough for a feed that is polled once an hour, and
 * a mean over 168 h is not made of the first hours of a new station.
 */
export const leastKnownShare = 0.25
