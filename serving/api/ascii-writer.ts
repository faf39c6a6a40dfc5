import { rounded } from './rounded.ts'

/**
 * Text of ASCII alone, put together byte by byte in memory that is used anew. Put together of pieces it would be a tree of
 * them on V8's heap, several times its size, and flattened afterwards.
 */
export interface AsciiWriter {
  readonly text: (text: string) => void
  /** As `JSON.stringify` writes what is `rounded`; null for what is no number. */
  readonly number: (value: number) => void
  /** All since the last call. */
  readonly take: () => string
}

const FIRST_BYTES = 16_384
/** Of the longest number: a sign, 17 digits, a point, an exponent. */
const NUMBER_BYTES = 32
/** Below it each ten-thousandth is a number of its own. */
const MOST_BY_DIGITS = 1e9
const ZERO = 48
const POINT = 46

export const createAsciiWriter = (): AsciiWriter => {
  let bytes = Buffer.allocUnsafeSlow(FIRST_BYTES)
  let end = 0

  const makeRoom = (more: number): void => {
    if (end + more <= bytes.length) return
    const larger = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(end + more)))
    larger.set(bytes.subarray(0, end))
    bytes = larger
  }

  const text = (text: string): void => {
    makeRoom(text.length)
    for (let index = 0; index < text.length; index++) bytes[end++] = text.charCodeAt(index)
  }

  /** A whole number that is not negative. */
  const digits = (whole: number): void => {
    let length = 1
    for (let most = 10; whole >= most; most *= 10) length++
    let rest = whole
    for (let at = end + length - 1; at >= end; at--) {
      const tenth = Math.floor(rest / 10)
      bytes[at] = ZERO + rest - 10 * tenth
      rest = tenth
    }
    end += length
  }

  return {
    text,
    number: (value) => {
      if (!(value >= 0 && value < MOST_BY_DIGITS)) return text(JSON.stringify(rounded(value)))
      makeRoom(NUMBER_BYTES)
      const tenThousandths = Math.round(value * 10_000)
      const whole = Math.floor(tenThousandths / 10_000)
      digits(whole)
      let part = tenThousandths - 10_000 * whole
      if (part === 0) return
      bytes[end++] = POINT
      for (let unit = 1000; part > 0; unit /= 10) {
        const digit = Math.floor(part / unit)
        bytes[end++] = ZERO + digit
        part -= digit * unit
      }
    },
    take: () => {
      const whole = bytes.toString('latin1', 0, end)
      end = 0
      return whole
    },
  }
}
