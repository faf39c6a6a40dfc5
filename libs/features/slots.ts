/** The width of a slot of the grid on which history is held. */
export const slotMs = 900_000

const halfSlotMs = slotMs / 2

/**
 * The slot nearest to a moment, counted from the epoch. Nearest, and not the one that has begun: polls come within
 * seconds of the slot's moment, on either side, and both sides must land in the same slot.
 */
export const slotOf = (observedAt: number): number => Math.floor((observedAt + halfSlotMs) / slotMs)

/** The first millisecond that belongs to a slot. */
export const slotStart = (slot: number): number => slot * slotMs - halfSlotMs

export const minuteMs = 60_000
export const hourMs = 3_600_000
export const dayMs = 86_400_000

/** How far behind its station's newest observation another may come and still be taken in. */
export const maxLatenessMs = dayMs

/**
 * A history that was started so long before a moment gives, from that moment on, the very vectors of one that was
 * started earlier: 28 days of climatology, the lateness that is allowed, and what the rounding to hours and slots adds.
 */
export const warmUpMs = 30 * dayMs

/**
 * How many slots a history holds: the 672 of 168 h, the slot 168 h ago that they begin after, and the 60 minutes before
 * it that an interval may reach back over; rounded up, and 24 h more for `maxLatenessMs`.
 */
export const ringSlots = 776
