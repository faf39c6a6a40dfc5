/** Which of what a route can answer a client likes best (RFC 9110, section 12.5). */

interface Preference {
  value: string
  quality: number
}

/** The offered media type that the client likes best, the first of equals; null when it accepts none. */
export const chooseMediaType = <T extends string>(
  accept: string | undefined,
  offered: readonly T[],
): T | null => {
  if (accept === undefined || accept === '*/*') return offered[0] ?? null
  const preferences = preferencesIn(accept)
  return best(offered, (type) => {
    const [kind] = type.split('/')
    return qualityOf(preferences, [type, `${kind}/*`, '*/*'])
  })
}

/** The coding that the client likes best of br and gzip; null for none. */
export const chooseEncoding = (accept: string | undefined): 'br' | 'gzip' | null => {
  if (accept === undefined || accept === 'identity') return null
  const preferences = preferencesIn(accept)
  return best(['br', 'gzip'] as const, (coding) => qualityOf(preferences, [coding, '*']))
}

const best = <T extends string>(offered: readonly T[], quality: (each: T) => number): T | null => {
  let chosen: T | null = null
  let highest = 0
  for (const each of offered) {
    const found = quality(each)
    if (found > highest) {
      chosen = each
      highest = found
    }
  }
  return chosen
}

/** The most exact name that is there says it; what is not named is not accepted. */
const qualityOf = (preferences: readonly Preference[], names: readonly string[]): number => {
  for (const name of names) {
    const found = preferences.find(({ value }) => value === name)
    if (found) return found.quality
  }
  return 0
}

const preferencesIn = (header: string): Preference[] =>
  header.split(',').map((part) => {
    const [value = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase())
    const quality = parameters.find((each) => each.startsWith('q='))
    const said = quality === undefined ? 1 : Number(quality.slice(2))
    return { value, quality: Number.isNaN(said) ? 0 : said }
  })
