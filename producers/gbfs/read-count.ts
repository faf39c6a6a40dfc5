import type { NoteOddity } from './oddity.ts'
import { Impossible } from './rejection.ts'

/** No station in the world is near it: what is above is a mistake, such as an id in the wrong field. */
const MOST = 10_000

/** A number of vehicles or docks: null where absent, Impossible where it cannot be one. */
export const readCount = (value: unknown, field: string, note: NoteOddity): number | null | Impossible => {
  if (value === undefined || value === null) return null
  const count = toNumber(value, note)
  if (!Number.isFinite(count)) return new Impossible('not-a-number', `${field} is ${shown(value)}`)
  if (count < 0) return new Impossible('negative', `${field} is ${count}`)
  if (!Number.isInteger(count)) return new Impossible('not-an-integer', `${field} is ${count}`)
  if (count > MOST) return new Impossible('too-large', `${field} is ${count}`)
  return count
}

/** A number, or a text that is one; NaN for everything else. */
export const toNumber = (value: unknown, note: NoteOddity): number => {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || value.trim() === '') return Number.NaN
  note('number-as-text')
  return Number(value)
}

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 40) ?? String(value)
