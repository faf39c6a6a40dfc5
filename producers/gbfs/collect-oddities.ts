import type { Oddity } from './oddity.ts'
import { printableText } from './printable.ts'

/** An oddity of one document. */
export interface FoundOddity {
  rule: Oddity
  /** Values concerned; where a rule is about whole stations, stations. */
  count: number
  /** The first one met, for people: the station and the value. */
  example: string
}

/** Notes that an oddity was met; `example` says where and what. */
export type NoteOddity = (rule: Oddity, example: string, count?: number) => void

export interface OddityCollector {
  note: NoteOddity
  /** So far, by the names of the rules. */
  found: () => FoundOddity[]
}

/** An operator's value may be a whole page; `feed-polls` keeps examples for months. */
const EXAMPLE_LENGTH = 160
const VALUE_LENGTH = 60

export const collectOddities = (): OddityCollector => {
  const byRule = new Map<Oddity, FoundOddity>()
  return {
    note: (rule, example, count = 1) => {
      const known = byRule.get(rule)
      if (known) known.count += count
      else byRule.set(rule, { rule, count, example: shortened(example) })
    },
    found: () => [...byRule.values()].sort((a, b) => (a.rule < b.rule ? -1 : 1)),
  }
}

/** The oddities of several documents as if they were one. */
export const mergeOddities = (...lists: readonly (readonly FoundOddity[])[]): FoundOddity[] => {
  const { note, found } = collectOddities()
  for (const { rule, example, count } of lists.flat()) note(rule, example, count)
  return found()
}

/** A value as it stands in the document, short enough for a line; of lists and objects, which may be deep, the size. */
export const shown = (value: unknown): string => {
  if (value === undefined) return 'absent'
  if (typeof value === 'string') return JSON.stringify(value.slice(0, VALUE_LENGTH))
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return `an object of ${Object.keys(value).length}`
  return String(value)
}

const shortened = (whole: string): string => short(printableText(whole))

const short = (text: string): string =>
  text.length <= EXAMPLE_LENGTH ? text : `${text.slice(0, EXAMPLE_LENGTH - 1)}…`
