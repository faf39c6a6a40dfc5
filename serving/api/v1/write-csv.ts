/** RFC 4180: a header line, CRLF, quotes where they are needed; what is missing is empty, times are ISO 8601 in UTC. */
import { isoTime } from '../present-forecast.ts'
import type { Cell, Column, Table } from './table.ts'

export const csvHeader = (columns: readonly Column[]): string =>
  `${columns.map(({ name }) => quoted(name)).join(',')}\r\n`

export const csvRows = ({ columns, rows }: Table): string =>
  rows.map((row) => `${row.map((cell, index) => cellText(cell, columns[index]!)).join(',')}\r\n`).join('')

const cellText = (cell: Cell, { kind }: Column): string => {
  if (cell === null) return ''
  if (kind === 'time') return isoTime(cell as number)
  return typeof cell === 'string' ? quoted(cell) : String(cell)
}

const quoted = (value: string): string =>
  /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
