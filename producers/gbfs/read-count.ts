import { type NoteOddity, shown } from './collect-oddities.ts'
import { Impossible } from './rejection.ts'
import { isAbsent } from './specified-names.ts'

/** No station in the world is near it: what is above is a mistake, such as an id in the wrong field. */
const MOST = 10_000

/** A number of vehicles or docks: null where absent or blank, Impossible where it cannot be one. */
export const readCount = (value: unknown, field: string, note: NoteOddity): number | null | Impossible => {
  if (isAbsent(value)) return null
  const count = toNumber(value, field, note)
  const detail = `${field} is ${shown(value)}`
  if (!Number.isFinite(count)) return new Impossible('count-not-a-number', detail)
  if (count < 0) return new Impossible('count-negative', detail)
  if (!Number.isInteger(count)) return new Impossible('count-not-whole', detail)
  if (count > MOST) return new Impossible('count-too-large', detail)
  return count
}

/** A number, or a text that is one; NaN for everything else. */
export const toNumber = (value: unknown, field: string, note: NoteOddity): number => {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string' || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value))
    return Number.NaN
  note('number-as-text', `${field} is ${shown(value)}`)
  return Number(value)
}
