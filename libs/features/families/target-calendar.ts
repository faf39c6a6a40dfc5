import type { FeatureFamily } from '../feature.ts'
import { cosOfDay, cosOfWeek, sinOfDay, sinOfWeek } from '../local-cycles.ts'
import { hourMs } from '../slots.ts'
import type { TargetInputs } from '../target-inputs.ts'

/** How far away the target is, and the local calendar there. */
export const targetCalendar: FeatureFamily<TargetInputs> = {
  features: [
    {
      name: 'horizon_hours',
      unit: 'h',
      doc: 'How far ahead the target is.',
      formula: 'targetAt - asOf',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'target_hour_sin',
      unit: '-1 to 1',
      doc: "The target's local time of day on a circle.",
      formula: 'sin(2π · minute of the day / 1440)',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'target_hour_cos',
      unit: '-1 to 1',
      doc: "The target's local time of day on a circle.",
      formula: 'cos(2π · minute of the day / 1440)',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'target_weekday_sin',
      unit: '-1 to 1',
      doc: "The target's local day of the week on a circle.",
      formula: 'sin(2π · days since Monday / 7)',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'target_weekday_cos',
      unit: '-1 to 1',
      doc: "The target's local day of the week on a circle.",
      formula: 'cos(2π · days since Monday / 7)',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'target_is_weekend',
      unit: '0 or 1',
      doc: 'The target is on a Saturday or Sunday.',
      formula: "the target's local day of the week is Saturday or Sunday",
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'target_is_holiday',
      unit: '0 or 1',
      doc: 'The target is on a public holiday.',
      formula: "the target's local date is a public holiday of the system's country or region",
      missingWhen: "the system's country is not configured",
      version: 1,
    },
    {
      name: 'target_is_school_free',
      unit: '0 or 1',
      doc: 'The target is on a day without school that is no weekend, as far as the holidays of the schools are known.',
      formula: "the target's local date is a public or school holiday of the system's country or region",
      missingWhen: "the system's country is not configured",
      version: 1,
    },
  ],
  write: ({ calendar, asOf, targetAt }, into, offset) => {
    const local = calendar.at(targetAt)
    into[offset] = (targetAt - asOf) / hourMs
    into[offset + 1] = sinOfDay(local)
    into[offset + 2] = cosOfDay(local)
    into[offset + 3] = sinOfWeek(local)
    into[offset + 4] = cosOfWeek(local)
    into[offset + 5] = Number(local.isWeekend)
    into[offset + 6] = local.isHoliday
    into[offset + 7] = local.isSchoolFree
  },
}
