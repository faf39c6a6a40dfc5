/** Whole seconds from the moment of the knowledge to now; one that is later than now is of now. */
export const ageSeconds = (asOf: number, now: number): number => Math.max(0, Math.round((now - asOf) / 1000))
