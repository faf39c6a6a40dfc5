/** Digits that a JavaScript number may not hold: an id of 64 bits, say. */
const LONG_INTEGER = /[[:,]\s*-?\d{16,}/
const NOT_A_NUMBER = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g

/**
 * JSON as feeds send it. An integer beyond 2^53 comes as a bigint, so that no digit of an id is lost; a bare NaN or Infinity, which
 * Python writes though JSON has none, as that text, so that it costs one station and not the document. Throws a SyntaxError
 * whose message says what the text is instead.
 */
export const parseJson = (text: string): unknown => {
  const content = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  const reviver = LONG_INTEGER.test(content) ? keepLongIntegers : undefined
  try {
    return JSON.parse(content, reviver)
  } catch (error) {
    const repaired = content.replace(NOT_A_NUMBER, (token) => (token.startsWith('"') ? token : `"${token}"`))
    if (repaired === content) throw new SyntaxError(whatItIs(content, error as Error))
    try {
      return JSON.parse(repaired, reviver)
    } catch (remaining) {
      throw new SyntaxError(whatItIs(content, remaining as Error))
    }
  }
}

/** Node passes the source text since 21 (TC39's JSON.parse source text access); TypeScript does not know yet. */
const keepLongIntegers = (_key: string, value: unknown, { source }: { source?: string } = {}): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
    ? BigInt(source)
    : value

const whatItIs = (text: string, error: Error): string => {
  const start = text.trimStart().slice(0, 200)
  if (start === '') return 'it is empty'
  if (/^<(!doctype html|html|head|body)/i.test(start)) return 'it is a web page'
  if (start.startsWith('<')) return 'it is XML'
  return error.message
}
