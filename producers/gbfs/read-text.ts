import { type NoteOddity, shown } from './collect-oddities.ts'
import { printableText } from './printable.ts'
import { isObject } from './read-envelope.ts'

export interface TextContext {
  field: string
  /** Of the document's version: texts come by language from 3. */
  major: 1 | 2 | 3
  /** The one wanted; English, then the first, where there is none in it. */
  language?: string | undefined
  note: NoteOddity
}

/** A text for people: a plain one (1.x, 2.x), or one in several languages (3.x). Null where there is none. */
export const readText = (value: unknown, { field, major, language, note }: TextContext): string | null => {
  const example = `${field} is ${shown(value)}`
  if (typeof value === 'string') {
    const text = cleaned(value, field, note)
    if (major === 3 && text !== '') note('name-of-another-version', example)
    return text || null
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    note('text-as-number', example)
    return String(value)
  }
  const localized = localizedTexts(value)
  if (localized.length === 0) return null
  if (major < 3) note('name-of-another-version', example)
  const [best] = localized.toSorted((a, b) => rankOf(a.language, language) - rankOf(b.language, language))
  return cleaned(best!.text, field, note) || null
}

const cleaned = (value: string, field: string, note: NoteOddity): string => {
  const text = value.trim()
  const clean = printableText(text)
  if (clean !== text) note('control-characters', `${field} is ${shown(value)}`)
  return clean.trim()
}

/** 0 for the language wanted, 1 for another kind of it, 2 for English, 3 for the rest. */
export const rankOf = (language: string, wanted: string | undefined): number => {
  const tag = language.toLowerCase()
  if (wanted !== undefined) {
    const wish = wanted.toLowerCase()
    if (tag === wish) return 0
    if (primaryOf(tag) === primaryOf(wish)) return 1
  }
  return primaryOf(tag) === 'en' ? 2 : 3
}

const primaryOf = (tag: string): string => tag.split(/[-_]/)[0] ?? ''

/** A list of texts with their languages, or an object of texts by language. */
const localizedTexts = (value: unknown): { text: string; language: string }[] => {
  const pairs = Array.isArray(value)
    ? value.filter(isObject).map(({ text, language }) => [language, text])
    : isObject(value)
      ? Object.entries(value)
      : []
  return pairs.flatMap(([language, text]) => {
    const trimmed = typeof text === 'string' ? text.trim() : ''
    return trimmed === '' ? [] : [{ text: trimmed, language: typeof language === 'string' ? language : '' }]
  })
}
