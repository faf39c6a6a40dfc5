import type { Bytes } from './peek-bytes.ts'

/** The lines' fields, some hundreds of lines at a time: an await for each of millions would cost more than reading it. */
export type CsvRows = AsyncGenerator<string[][]>

const BYTE_ORDER_MARK = '\ufeff'

/** The rows of a CSV file (RFC 4180, UTF-8), its first line included; empty lines are passed over. */
export async function* readCsvRows(bytes: Bytes): CsvRows {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let carry = ''
  let isFirst = true
  const rowsIn = (text: string): string[][] => {
    const clean = isFirst && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
    isFirst = false
    return clean.includes('"') ? quotedRows(clean) : plainRows(clean)
  }
  for await (const chunk of bytes) {
    const text = carry + decoder.decode(chunk, { stream: true })
    const end = endOfRows(text)
    carry = text.slice(end)
    if (end > 0) yield rowsIn(text.slice(0, end))
  }
  carry += decoder.decode()
  if (carry !== '') yield rowsIn(carry)
}

/** Where the last whole row ends. A line end between quotes belongs to its field. */
const endOfRows = (text: string): number => {
  if (!text.includes('"')) return text.lastIndexOf('\n') + 1
  let end = 0
  let isQuoted = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) isQuoted = !isQuoted
    else if (code === NEWLINE && !isQuoted) end = at + 1
  }
  return end
}

const plainRows = (text: string): string[][] => {
  const rows: string[][] = []
  let from = 0
  while (from < text.length) {
    const newline = text.indexOf('\n', from)
    const until = newline === -1 ? text.length : newline
    const end = text.charCodeAt(until - 1) === RETURN ? until - 1 : until
    if (end > from) rows.push(text.slice(from, end).split(','))
    from = until + 1
  }
  return rows
}

const QUOTE = 34
const COMMA = 44
const NEWLINE = 10
const RETURN = 13

const quotedRows = (text: string): string[][] => {
  const rows: string[][] = []
  let row: string[] = []
  let at = 0
  while (at < text.length) {
    const [field, next] = text.charCodeAt(at) === QUOTE ? quotedField(text, at) : plainField(text, at)
    row.push(field)
    at = next
    if (text.charCodeAt(at) === COMMA) {
      at++
      if (at < text.length) continue
      row.push('')
    }
    if (text.charCodeAt(at) === RETURN) at++
    if (text.charCodeAt(at) === NEWLINE) at++
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
  }
  return rows
}

/** The field that begins here, and where what ends it is. */
const plainField = (text: string, from: number): [string, number] => {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === COMMA || code === NEWLINE || code === RETURN) break
  }
  return [text.slice(from, at), at]
}

const quotedField = (text: string, from: number): [string, number] => {
  let field = ''
  let at = from + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return [field + text.slice(at), text.length]
    field += text.slice(at, quote)
    if (text.charCodeAt(quote + 1) !== QUOTE) {
      const [rest, next] = plainField(text, quote + 1)
      return [field + rest, next]
    }
    field += '"'
    at = quote + 2
  }
}
