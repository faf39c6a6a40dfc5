import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createCalendar } from './calendar.ts'

const clockIn = (timeZone: string) => {
  const calendar = createCalendar({ timeZone, country: null })
  return (moment: string): string => {
    const { minuteOfDay, weekday } = calendar.at(Date.parse(moment))
    const clock = [Math.floor(minuteOfDay / 60), minuteOfDay % 60].map((part) =>
      String(part).padStart(2, '0'),
    )
    return `${['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][weekday]} ${clock.join(':')}`
  }
}

test('the clocks go forward and back at the very moment', () => {
  const newYork = clockIn('America/New_York')
  assert.equal(newYork('2024-03-10T06:59:59.999Z'), 'Sun 01:59')
  assert.equal(newYork('2024-03-10T07:00:00Z'), 'Sun 03:00')
  assert.equal(newYork('2024-11-03T05:59:59.999Z'), 'Sun 01:59')
  assert.equal(newYork('2024-11-03T06:00:00Z'), 'Sun 01:00')
  const oslo = clockIn('Europe/Oslo')
  assert.equal(oslo('2025-03-30T00:59:59.999Z'), 'Sun 01:59')
  assert.equal(oslo('2025-03-30T01:00:00Z'), 'Sun 03:00')
})

test('zones that differ by parts of an hour, or change by half of one, are exact', () => {
  assert.equal(clockIn('Asia/Kathmandu')('2024-06-01T18:14:00Z'), 'Sat 23:59')
  assert.equal(clockIn('Asia/Kathmandu')('2024-06-01T18:15:00Z'), 'Sun 00:00')
  const lordHowe = clockIn('Australia/Lord_Howe')
  assert.equal(lordHowe('2024-04-06T14:59:59Z'), 'Sun 01:59')
  assert.equal(lordHowe('2024-04-06T15:00:00Z'), 'Sun 01:30')
})

test('local time is what Intl says, at any moment of many years', () => {
  for (const timeZone of ['America/Los_Angeles', 'Europe/Paris', 'Australia/Sydney', 'Asia/Kolkata', 'UTC']) {
    const ours = clockIn(timeZone)
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    })
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2005-01-01'), max: new Date('2037-12-31'), noInvalidDate: true }),
        (date) => {
          assert.equal(ours(date.toISOString()), format.format(date))
        },
      ),
      { numRuns: 300 },
    )
  }
})

test('a public holiday lasts from local midnight to local midnight', () => {
  const { at } = createCalendar({ timeZone: 'America/New_York', country: 'US' })
  assert.equal(at(Date.parse('2024-07-04T03:59:59Z')).isHoliday, 0)
  assert.equal(at(Date.parse('2024-07-04T04:00:00Z')).isHoliday, 1)
  assert.equal(at(Date.parse('2024-07-05T03:59:59Z')).isHoliday, 1)
  assert.equal(at(Date.parse('2024-07-05T04:00:00Z')).isHoliday, 0)
  assert.equal(
    at(Date.parse('2024-02-14T15:00:00Z')).isHoliday,
    0,
    "Valentine's Day is observed, not a holiday",
  )
})

test("a region has its own holidays, and a country's holidays are its own", () => {
  const dayAfterThanksgiving = Date.parse('2022-11-25T20:00:00Z')
  const at = (country: string, region?: string): number =>
    createCalendar({ timeZone: 'America/Los_Angeles', country, region }).at(dayAfterThanksgiving).isHoliday
  assert.equal(at('US', 'CA'), 1)
  assert.equal(at('US'), 0)
  assert.equal(at('FR'), 0)
})

test('the days around a public holiday, and days without school, are known', () => {
  const { at } = createCalendar({ timeZone: 'Europe/Berlin', country: 'DE', region: 'BE' })
  const on = (date: string) => at(Date.parse(`${date}T10:00:00Z`))
  assert.deepEqual(
    ['2024-04-30', '2024-05-01', '2024-05-02'].map((date) => {
      const { isHolidayEve, isHoliday, isSchoolFree } = on(date)
      return [isHolidayEve, isHoliday, isSchoolFree]
    }),
    [
      [1, 0, 0],
      [0, 1, 1],
      [0, 0, 0],
    ],
  )
  // The last day of a year is the eve of a holiday of the next.
  assert.equal(on('2024-12-31').isHolidayEve, 1)
})

test('without a country nothing is known of holidays', () => {
  assert.equal(createCalendar({ timeZone: 'UTC', country: null }).at(0).isHoliday, Number.NaN)
})

test('a zone, country or region that does not exist is refused by name', () => {
  assert.throws(() => createCalendar({ timeZone: 'Mars/Base', country: 'US' }), /Mars\/Base/)
  assert.throws(() => createCalendar({ timeZone: 'UTC', country: 'Atlantis' }), /Atlantis/)
  assert.throws(
    () => createCalendar({ timeZone: 'UTC', country: 'US', region: 'ZZ' }),
    /"ZZ" is no region of US/,
  )
})
