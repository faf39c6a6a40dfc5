/**
 * What those who lay trees out in memory (TypeScript) and those who walk them there (AssemblyScript) have to agree on: this
 * file is read as either.
 */

/** Rows are the bits of a number. */
export const MOST_ROWS = 64
/** What a question says of each row, a bit each. */
export const ANSWER_BYTES = 8
/** Where the answers of a column turn whose rows part, or of which nothing has been asked yet. */
export const NO_PLACE = -1
/** Of a tree that asks one question a level: its leaf's number is a byte, one of 16 in a vector. */
export const MOST_LEVELS = 8
/** Rows whose leaves are told together: one a byte of a vector. */
export const ROWS_A_VECTOR = 16
/** Trees that are walked at a time. */
export const TREES_A_BLOCK = 32
/** A walk: where it has come (4 bytes, then 4 unused), and the rows that have come there (8). */
export const WALK_BYTES = 16

/**
 * A split is a word: its question (17 bits), how far it is to where those go whom it is not so for (13 bits), and a bit for
 * each of the two ways that ends in a leaf.
 */
export const QUESTION_SHIFT = 15
export const DISTANCE_SHIFT = 2
export const DISTANCE_MASK = 0x1fff
export const UNDER_IS_LEAF = 2
export const ABOVE_IS_LEAF = 1
