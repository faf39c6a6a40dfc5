/** Where an observation was read: in the log by its offset, in the table by its polledAt (all of a poll together). */
export interface Position {
  part: 'table' | 'log'
  at: number
}

/**
 * Whether what is at `position` is known to come no later than `other`. In doubt it is not: where a part of the log has
 * meanwhile to be read from the table, nobody can say, and doing it again does no harm.
 */
export const isReached = (position: Position, other: Position): boolean =>
  position.part === other.part && position.at <= other.at
