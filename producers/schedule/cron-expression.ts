/** The five fields of crontab(5): minute, hour, day of month, month, day of week (0 and 7 are Sunday). */
export interface CronExpression {
  minutes: ReadonlySet<number>
  hours: ReadonlySet<number>
  daysOfMonth: ReadonlySet<number> | null
  months: ReadonlySet<number>
  daysOfWeek: ReadonlySet<number> | null
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** Throws an Error that says which field is wrong. */
export const parseCron = (text: string): CronExpression => {
  const fields = text.trim().split(/\s+/)
  if (fields.length !== 5)
    throw new Error(
      `"${text}" has ${fields.length} fields, not the five of cron: minute hour day month weekday`,
    )
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string]
  const daysOfWeek = parseField(weekday, 'weekday', 0, 7, WEEKDAYS, 0)
  if (daysOfWeek.has(7)) daysOfWeek.add(0)
  return {
    minutes: parseField(minute, 'minute', 0, 59),
    hours: parseField(hour, 'hour', 0, 23),
    daysOfMonth: day === '*' ? null : parseField(day, 'day', 1, 31),
    months: parseField(month, 'month', 1, 12, MONTHS, 1),
    daysOfWeek: weekday === '*' ? null : daysOfWeek,
  }
}

/** `date` holds wall-clock fields in its UTC fields. */
export const matchesTime = ({ minutes, hours }: CronExpression, date: Date): boolean =>
  minutes.has(date.getUTCMinutes()) && hours.has(date.getUTCHours())

/** Where both the day of month and the day of week are given, either of them suffices, as in cron. */
export const matchesDate = ({ daysOfMonth, months, daysOfWeek }: CronExpression, date: Date): boolean => {
  if (!months.has(date.getUTCMonth() + 1)) return false
  const isDay = daysOfMonth?.has(date.getUTCDate())
  const isWeekday = daysOfWeek?.has(date.getUTCDay())
  if (isDay === undefined || isWeekday === undefined) return isDay ?? isWeekday ?? true
  return isDay || isWeekday
}

const parseField = (
  text: string,
  name: string,
  min: number,
  max: number,
  words: readonly string[] = [],
  firstWord = 0,
): Set<number> => {
  const values = new Set<number>()
  for (const part of text.toLowerCase().split(',')) {
    const [range = '', step = '1'] = part.split('/')
    const [from = '', to] = range === '*' ? [String(min), String(max)] : range.split('-')
    const first = toNumber(from, words, firstWord)
    // "5/15" means from 5 on, "5" means 5.
    const last = to === undefined ? (part.includes('/') ? max : first) : toNumber(to, words, firstWord)
    const every = Number(step)
    const isValid = first >= min && last <= max && first <= last && Number.isInteger(every) && every > 0
    if (!isValid) throw new Error(`cron's ${name} "${part}" is not within ${min} to ${max}`)
    for (let value = first; value <= last; value += every) values.add(value)
  }
  return values
}

const toNumber = (text: string, words: readonly string[], firstWord: number): number => {
  const word = words.indexOf(text.slice(0, 3))
  if (word >= 0) return word + firstWord
  return /^\d+$/.test(text) ? Number(text) : Number.NaN
}
