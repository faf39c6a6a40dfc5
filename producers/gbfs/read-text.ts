/**
 * A text for people: a plain one (1.x, 2.x), or one in several languages (3.x), of which English is taken, else the
 * first. Null where there is none.
 */
export const readText = (value: unknown): string | null => {
  if (typeof value === 'string') return value.trim() || null
  if (!Array.isArray(value)) return null
  const localized = value.filter(isLocalizedText)
  const chosen = localized.find(({ language }) => /^en\b/i.test(language ?? '')) ?? localized[0]
  return chosen?.text.trim() || null
}

const isLocalizedText = (value: unknown): value is { text: string; language?: string } =>
  typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string'
