/** Control characters, which PostgreSQL refuses in part (U+0000) and nobody can read, and halves of characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/gu
const BLANK = /[\t\n\v\f\r\u0085]+/g

/** An id without characters that cannot be printed. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, '')

/** A text for people without characters that cannot be printed: what parts words, such as the end of a line, becomes a blank. */
export const printableText = (text: string): string => printable(text.replace(BLANK, ' '))
