/** Control characters, which PostgreSQL refuses in part (U+0000) and nobody can read, and halves of characters. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/gu
const BLANK = / *[\t\n\v\f\r\u0085][\s\u0085]*/g

/** In names these join and turn letters, in ids they only hide. */
const INVISIBLE = /\p{Cf}/gu

/** An id without characters that cannot be seen. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, '').replace(INVISIBLE, '')

/** A text for people without characters that cannot be printed: what parts words, such as the end of a line, becomes a blank. */
export const printableText = (text: string): string => text.replace(BLANK, ' ').replace(UNPRINTABLE, '')
