/** Where an observation was read: in the log by its offset, in the table by its polledAt (all of a poll together). */
export interface Position {
  part: 'table' | 'log'
  at: number
}

/** Whether a replay that reads first the table and then the log comes to `position` no later than to `other`. */
export const isReached = (position: Position, other: Position): boolean =>
  position.part === other.part ? position.at <= other.at : position.part === 'table'
