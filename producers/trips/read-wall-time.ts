/** A time as it stands in a trip file. `ms` is as of a clock in Greenwich: of UTC where the text names its offset. */
export interface WallTime {
  ms: number
  isUtc: boolean
}

const YEAR_FIRST =
  /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/
/** The United States' order, in which Citi Bike, Hubway and others wrote for some years; often without seconds. */
const MONTH_FIRST =
  /^(\d\d?)\/(\d\d?)\/(\d{4}|\d\d) (\d\d?):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?: ?([AP])\.?M\.?)?$/i

/** `2024-01-15 15:18:07[.123]`, `1/15/2015 0:01[:07]`, `1/15/2015 12:01 AM`, or with an offset; null when it is no such time. */
export const readWallTime = (text: string): WallTime | null => {
  const iso = YEAR_FIRST.exec(text)
  if (iso) {
    const [, year, month, day, hour, minute, second, fraction = '0', zone] = iso
    const ms = utcOf(year, month, day, hour, minute, second)
    if (ms === null) return null
    const offsetMs = zone ? offsetIn(zone) : 0
    return { ms: ms + Math.trunc(Number(`0.${fraction}`) * 1000) - offsetMs, isUtc: zone !== undefined }
  }
  const american = MONTH_FIRST.exec(text)
  if (!american) return null
  const [, month, day, year, hour, minute, second, half] = american
  const ms = utcOf(year!.length === 2 ? `20${year}` : year, month, day, hourOf(hour!, half), minute, second)
  return ms === null ? null : { ms, isUtc: false }
}

/** 12 AM is the hour after midnight. */
const hourOf = (hour: string, half: string | undefined): string => {
  if (half === undefined) return hour
  return String((Number(hour) % 12) + (half.toUpperCase() === 'P' ? 12 : 0))
}

type Digits = string | undefined

/** Null for a 31 February and the like. */
const utcOf = (year: Digits, month: Digits, day: Digits, hour: Digits, minute: Digits, second: Digits) => {
  const at = Date.UTC(+year!, +month! - 1, +day!, +hour!, +minute!, +(second ?? 0))
  const isReal = new Date(at).getUTCDate() === +day! && +month! <= 12 && +hour! <= 24 && +minute! < 60
  return isReal ? at : null
}

const offsetIn = (zone: string): number => {
  const found = /^([+-])(\d\d):?(\d\d)$/.exec(zone)
  if (!found) return 0
  const minutes = Number(found[2]) * 60 + Number(found[3])
  return (found[1] === '-' ? -minutes : minutes) * 60_000
}
