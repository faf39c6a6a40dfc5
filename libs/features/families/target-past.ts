import type { Calendar, LocalTime } from '../calendar.ts'
import { climatologyWeeks } from '../climatology-slots.ts'
import { rebalancingJump } from '../count-interval.ts'
import type { FeatureFamily } from '../feature.ts'
import { dayMs, hourMs, slotMs, slotOf, slotsInDay, slotsInHour, slotsInWeek } from '../slots.ts'
import type { BikesIn, StationPast } from '../system-past.ts'
import type { TargetInputs } from '../target-inputs.ts'
import { vectorFeatureNames } from '../vector-features.ts'

const daysBack = 7 * climatologyWeeks
const recentDays = 7
/** A change that is so many times the usual one at that hour is no rush: a truck is the likelier cause. */
const timesUsualChange = 4

const bikesIndex = vectorFeatureNames.indexOf('bikes')
const docksIndex = vectorFeatureNames.indexOf('docks')
const capacityIndex = vectorFeatureNames.indexOf('capacity')
const climatologyIndex = vectorFeatureNames.indexOf('climatology_bikes')

const hourOfWeek = `the slots, up to asOf's, of the target's local hour of the week, 1 to ${climatologyWeeks} weeks before it`
const hourOfKind = `the slots, up to asOf's, of the target's local hour, on those of the ${daysBack} days before it that are of its kind: days without work (weekends, public holidays) or days with it`
const trucksLeftOut = `changes of ${rebalancingJump} or more left out that are ${timesUsualChange} times the mean change (of any sign) there`
const noHourOfWeek = 'none of these slots has an observation, nor one of the neighbours'
const noHourOfKind = 'none of these slots has an observation'

/** What was seen at the station at the target's time of day and week. */
export const targetPast: FeatureFamily<TargetInputs> = {
  features: [
    {
      name: 'target_climatology_bikes',
      unit: 'bikes',
      doc: "Bikes as usual at the target's hour of the week; of a station without a past, as its neighbours were filled.",
      formula: `mean of the known levels in ${hourOfWeek}; where there is none, capacity · mean fill of the 5 nearest stations in the same slots`,
      missingWhen: noHourOfWeek,
      version: 1,
    },
    {
      name: 'target_climatology_sd',
      unit: 'bikes',
      doc: "How much the bikes differ at the target's hour of the week.",
      formula: `population standard deviation of the known levels in ${hourOfWeek}`,
      missingWhen: noHourOfKind,
      version: 1,
    },
    {
      name: 'target_climatology_change',
      unit: 'bikes',
      doc: 'How many bikes more are usual at the target than now.',
      formula: 'target_climatology_bikes - climatology_bikes',
      missingWhen: 'either is missing',
      version: 1,
    },
    {
      name: 'target_usual_bikes',
      unit: 'bikes',
      doc: "Bikes as usual at the target's hour on days like the target's.",
      formula: `mean of the known levels in ${hourOfKind}`,
      missingWhen: noHourOfKind,
      version: 1,
    },
    {
      name: 'target_usual_empty_share',
      unit: 'share',
      doc: "How often there is no bike at the target's hour on days like the target's.",
      formula: `slots with 0 bikes / known slots, in ${hourOfKind}`,
      missingWhen: noHourOfKind,
      version: 1,
    },
    {
      name: 'target_usual_full_share',
      unit: 'share',
      doc: "How often there is no free dock at the target's hour on days like the target's.",
      formula: `slots with at least as many bikes as there are bikes and docks now / known slots, in ${hourOfKind}`,
      missingWhen: 'docks are not published, or none of these slots has an observation',
      version: 1,
    },
    {
      name: 'target_usual_departures',
      unit: 'bikes an hour',
      doc: "How many bikes leave at the target's hour on days like the target's, as far as levels show.",
      formula: `4 · mean of the decreases from a known slot to the next, ${trucksLeftOut}, in ${hourOfKind}`,
      missingWhen: 'no two slots in a row have an observation there',
      version: 2,
    },
    {
      name: 'target_usual_arrivals',
      unit: 'bikes an hour',
      doc: "How many bikes come at the target's hour on days like the target's, as far as levels show.",
      formula: `4 · mean of the increases from a known slot to the next, ${trucksLeftOut}, in ${hourOfKind}`,
      missingWhen: 'no two slots in a row have an observation there',
      version: 2,
    },
    {
      name: 'target_recent_bikes',
      unit: 'bikes',
      doc: "Bikes at the target's hour over the last days.",
      formula: `mean of the known levels in the slots, up to asOf's, of the target's local hour on the last ${recentDays} days on which it had begun`,
      missingWhen: noHourOfKind,
      version: 1,
    },
    {
      name: 'target_bikes_yesterday',
      unit: 'bikes',
      doc: "The newest level that is known of the target's own time of day.",
      formula: `level in the newest known slot whole days before the target and not after asOf, of the last ${recentDays}`,
      missingWhen: 'none of these slots has an observation',
      version: 1,
    },
    {
      name: 'target_bikes_last_week',
      unit: 'bikes',
      doc: 'The level at the target, a week before it.',
      formula: 'level in the newest slot that is whole weeks before the target and not after asOf',
      missingWhen: 'that slot has no observation',
      version: 1,
    },
  ],
  write: ({ calendar, vector, asOf, targetAt, past }, into, offset) => {
    const { bikesIn } = past
    const nowSlot = slotOf(asOf)
    const bikes = vector[bikesIndex]!
    const room = bikes + vector[docksIndex]!

    const { firstOfHour, count, firsts, kinds } = daysBefore(calendar, targetAt)
    let weekKnown = 0
    let weekBikes = 0
    let weekSquares = 0
    let usualKnown = 0
    let usualBikes = 0
    let usualEmpty = 0
    let usualFull = 0
    let recentKnown = 0
    let recentBikes = 0
    let daysOfRecent = 0
    let changeCount = 0
    let changed = 0
    for (let day = 0; day < count; day++) {
      const first = firsts[day]!
      if (first > nowSlot) continue
      const isRecent = daysOfRecent++ < recentDays
      const kind = kinds[day]!
      if (kind === 0 && !isRecent) continue
      past.readBikes(first - 1, levels)
      const slots = Math.min(slotsInHour, nowSlot - first + 1)
      let known = 0
      let sum = 0
      let squares = 0
      for (let slot = 1; slot <= slots; slot++) {
        const level = levels[slot]!
        if (level < 0) continue
        known++
        sum += level
        squares += level * level
      }
      if (isRecent) {
        recentKnown += known
        recentBikes += sum
      }
      if ((kind & ofWeek) !== 0) {
        weekKnown += known
        weekBikes += sum
        weekSquares += squares
      }
      if ((kind & ofKind) === 0) continue
      usualKnown += known
      usualBikes += sum
      for (let slot = 1; slot <= slots; slot++) {
        const level = levels[slot]!
        const before = levels[slot - 1]!
        if (level < 0) continue
        if (level === 0) usualEmpty++
        if (level >= room) usualFull++
        if (before < 0) continue
        changes[changeCount++] = level - before
        changed += Math.abs(level - before)
      }
    }

    const climatology =
      weekKnown > 0 ? weekBikes / weekKnown : nearby(past, vector[capacityIndex]!, firstOfHour, nowSlot)
    into[offset] = climatology
    into[offset + 1] = Math.sqrt(weekKnown * weekSquares - weekBikes * weekBikes) / weekKnown
    into[offset + 2] = climatology - vector[climatologyIndex]!
    into[offset + 3] = usualBikes / usualKnown
    into[offset + 4] = usualEmpty / usualKnown
    into[offset + 5] = Number.isNaN(room) ? Number.NaN : usualFull / usualKnown
    // From where on a change is a truck's.
    const jump = Math.max(rebalancingJump, (timesUsualChange * changed) / changeCount)
    let departures = 0
    let arrivals = 0
    for (let index = 0; index < changeCount; index++) {
      const change = changes[index]!
      if (Math.abs(change) >= jump) continue
      if (change < 0) departures -= change
      else arrivals += change
    }
    into[offset + 6] = (slotsInHour * departures) / changeCount
    into[offset + 7] = (slotsInHour * arrivals) / changeCount
    into[offset + 8] = recentBikes / recentKnown
    const targetSlot = slotOf(targetAt)
    into[offset + 9] = newestKnown(bikesIn, newestBack(nowSlot, targetSlot, slotsInDay))
    into[offset + 10] = bikesIn(newestBack(nowSlot, targetSlot, slotsInWeek))
  },
}

/** Whether the station itself has been seen at the target's hour of the week: otherwise its neighbours stand for it. */
export const isPastKnown = ({ bikesIn }: StationPast, targetAt: number, asOf: number): boolean => {
  const nowSlot = slotOf(asOf)
  const firstOfHour = Math.floor(targetAt / hourMs) * slotsInHour
  for (let week = 1; week <= climatologyWeeks; week++)
    for (let slot = firstOfHour - week * slotsInWeek, end = slot + slotsInHour; slot < end; slot++)
      if (slot <= nowSlot && !Number.isNaN(bikesIn(slot))) return true
  return false
}

// Used anew for every target.
/** In the slots of an hour, behind that before it. */
const levels = new Int32Array(1 + slotsInHour)

/** The days before a target on which the clocks have shown its hour, newest first: the same for all stations. */
interface DaysBefore {
  readonly offsetAtTarget: number
  readonly firstOfHour: number
  readonly count: number
  /** The first slot of the hour. */
  readonly firsts: Int32Array
  /** `ofKind` where the day is of the target's kind, `ofWeek` where it is of its weekday. */
  readonly kinds: Uint8Array
}

const ofKind = 1
const ofWeek = 2

/** By the hour's first moment. More than the hours of a horizon: answers and rows go from hour to hour for station after station. */
const knownDays = new WeakMap<Calendar, Map<number, DaysBefore>>()
const mostKnown = 1024

const daysBefore = (calendar: Calendar, targetAt: number): DaysBefore => {
  let ofCalendar = knownDays.get(calendar)
  if (!ofCalendar) {
    ofCalendar = new Map()
    knownDays.set(calendar, ofCalendar)
  }
  const offsetAtTarget = calendar.offsetAt(targetAt)
  const hourAt = targetAt - ((targetAt + offsetAtTarget) % hourMs)
  const known = ofCalendar.get(hourAt)
  // The clocks may have changed within the hour.
  if (known?.offsetAtTarget === offsetAtTarget) return known
  if (ofCalendar.size >= mostKnown) ofCalendar.clear()
  const found = findDaysBefore(calendar, targetAt, hourAt, offsetAtTarget)
  ofCalendar.set(hourAt, found)
  return found
}

const findDaysBefore = (
  calendar: Calendar,
  targetAt: number,
  hourAt: number,
  offsetAtTarget: number,
): DaysBefore => {
  const firstOfHour = Math.round(hourAt / slotMs)
  const kindOfTarget = isFree(calendar.at(targetAt))
  const firsts = new Int32Array(daysBack)
  const kinds = new Uint8Array(daysBack)
  let count = 0
  for (let day = 1; day <= daysBack; day++) {
    const before = hourAt - day * dayMs
    const clockShift = Math.round((calendar.offsetAt(hourAt) - calendar.offsetAt(before)) / slotMs)
    const first = firstOfHour - day * slotsInDay + clockShift
    // An hour that the clocks have left out: what they showed instead is another.
    if (
      calendar.offsetAt(first * slotMs) - offsetAtTarget !==
      (firstOfHour - day * slotsInDay - first) * slotMs
    )
      continue
    // Not of 24 h times so many before: where the clocks have changed, that is another hour, and around midnight another day.
    const isOfKind = isFree(calendar.at(first * slotMs)) === kindOfTarget
    firsts[count] = first
    kinds[count] = (isOfKind ? ofKind : 0) | (day % 7 === 0 ? ofWeek : 0)
    count++
  }
  return { offsetAtTarget, firstOfHour, count, firsts, kinds }
}

/** From each known slot to the next at the hours of one kind; used anew, too. */
const changes = new Int16Array(daysBack * slotsInHour)

const isFree = ({ isWeekend, isHoliday }: LocalTime): boolean => isWeekend || isHoliday === 1

/** What is usual at the neighbours, in the slots before asOf's: whether one of them has reported in that one depends on the order of a poll. */
const nearby = (
  { nearbyFillIn }: StationPast,
  capacity: number,
  firstOfHour: number,
  nowSlot: number,
): number => {
  let known = 0
  let fill = 0
  for (let week = 1; week <= climatologyWeeks; week++)
    for (let ahead = 0; ahead < slotsInHour; ahead++) {
      const slot = firstOfHour - week * slotsInWeek + ahead
      const there = slot < nowSlot ? nearbyFillIn(slot) : Number.NaN
      if (Number.isNaN(there)) continue
      known++
      fill += there
    }
  return (capacity * fill) / known
}

/** The newest slot that lies whole periods before the target and not after asOf. */
const newestBack = (nowSlot: number, targetSlot: number, period: number): number =>
  targetSlot - Math.max(1, Math.ceil((targetSlot - nowSlot) / period)) * period

const newestKnown = (bikesIn: BikesIn, newest: number): number => {
  for (let day = 0; day < recentDays; day++) {
    const bikes = bikesIn(newest - day * slotsInDay)
    if (!Number.isNaN(bikes)) return bikes
  }
  return Number.NaN
}
