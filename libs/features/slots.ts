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

export const slotsInHour = hourMs / slotMs
export const slotsInDay = dayMs / slotMs
export const slotsInWeek = 7 * slotsInDay

/** How far behind its station's newest observation another may come and still be taken in. */
export const maxLatenessMs = dayMs

/** The slots that an observation may still change: that of the newest, and as many before it. */
export const latenessSlots = maxLatenessMs / slotMs

/**
 * A history that was started so long before a moment gives, from that moment on, the very vectors of one that was
 * started earlier: 28 days of climatology, the lateness that is allowed, and what the rounding to hours and slots adds.
 */
export const warmUpMs = 30 * dayMs

/**
 * How many slots have totals: the 672 of the longest window, the slot that they begin after, and 24 h more, since vectors
 * as of any of the last 24 h may have to be made again; rounded up.
 */
export const ringSlots = slotsInWeek + latenessSlots + 8

/** How many slots have a level: 28 days, the hour of the week that lies there, and 24 h more; whole blocks of 16. */
export const levelSlots = 2_816
