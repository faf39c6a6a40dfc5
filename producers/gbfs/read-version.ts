import { type NoteOddity, shown } from './collect-oddities.ts'

export interface DocumentVersion {
  /** As the document, or gbfs.json, has it; else the first version that has what the document shows. */
  version: string
  /** What the rules of writing depend on. */
  major: 1 | 2 | 3
  isDeclared: boolean
}

const KNOWN = /^(1\.[01]|2\.[0-3]|3\.[01])(-?RC\.?\d*)?$/i
const LONGEST = 16

/** `listed` is what gbfs.json says, for a document that says nothing itself. */
export const readVersion = (
  declared: unknown,
  { listed, looksLike }: { listed: string | null | undefined; looksLike: () => string },
  note: NoteOddity,
): DocumentVersion => {
  const text = versionIn(declared)
  if (text !== null) {
    if (!KNOWN.test(text)) note('version-unknown', `version is ${shown(declared)}`)
    else if (typeof declared === 'number') note('text-as-number', `version is ${declared}`)
    return { version: text, major: majorOf(text), isDeclared: true }
  }
  const version = listed ?? looksLike()
  const isAbsent = declared === undefined || declared === null || declared === ''
  if (!isAbsent) note('version-unknown', `version is ${shown(declared)}`)
  // Version 1.0 had no such field.
  else if (majorOf(version) >= 2) note('version-missing', `a document of ${version} has no "version"`)
  return { version, major: majorOf(version), isDeclared: false }
}

/** Null where it is no version at all. */
const versionIn = (declared: unknown): string | null => {
  if (typeof declared === 'number') return declared.toFixed(1)
  const text = typeof declared === 'string' ? declared.trim().replace(/^v/i, '') : ''
  return /^\d/.test(text) ? text.slice(0, LONGEST) : null
}

const majorOf = (version: string): 1 | 2 | 3 => {
  const major = Number.parseInt(version, 10)
  return major >= 3 ? 3 : major === 1 ? 1 : 2
}
