const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']

/** The country (ISO 3166-1 alpha-2) that an IANA time zone belongs to, or null for zones such as UTC. */
export const countryOfTimeZone = (timeZone: string): string | null => {
  // Old names of a zone, such as US/Pacific, are in no country's list.
  const canonical = new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone
  for (const first of LETTERS)
    for (const second of LETTERS) {
      const locale = new Intl.Locale('und', { region: first + second }) as LocaleWithZones
      // The region of a country that is no more (DD) is that of its successor.
      if (locale.getTimeZones?.()?.includes(canonical)) return locale.region ?? null
    }
  return null
}

/** In Node since 18, not in TypeScript's library yet; undefined for what is not a country. */
interface LocaleWithZones extends Intl.Locale {
  getTimeZones?: () => string[] | undefined
}
