import type { FeatureFamily } from '../feature.ts'
import { cosOfDay, cosOfWeek, sinOfDay, sinOfWeek } from '../local-cycles.ts'
import type { VectorInputs } from '../vector-inputs.ts'

/** The local calendar at asOf. */
export const calendarNow: FeatureFamily<VectorInputs> = {
  features: [
    {
      name: 'hour_sin',
      unit: '-1 to 1',
      doc: 'Local time of day on a circle.',
      formula: 'sin(2π · minute of the day / 1440)',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'hour_cos',
      unit: '-1 to 1',
      doc: 'Local time of day on a circle.',
      formula: 'cos(2π · minute of the day / 1440)',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'weekday_sin',
      unit: '-1 to 1',
      doc: 'Local day of the week on a circle.',
      formula: 'sin(2π · days since Monday / 7)',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'weekday_cos',
      unit: '-1 to 1',
      doc: 'Local day of the week on a circle.',
      formula: 'cos(2π · days since Monday / 7)',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'is_weekend',
      unit: '0 or 1',
      doc: 'Saturday or Sunday.',
      formula: 'local day of the week is Saturday or Sunday',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'is_holiday',
      unit: '0 or 1',
      doc: 'A public holiday.',
      formula: "local date is a public holiday of the system's country or region",
      missingWhen: "the system's country is not configured",
      version: 1,
    },
    {
      name: 'is_holiday_eve',
      unit: '0 or 1',
      doc: 'The day before a public holiday.',
      formula: "the local date after this one is a public holiday of the system's country or region",
      missingWhen: "the system's country is not configured",
      version: 1,
    },
    {
      name: 'is_school_free',
      unit: '0 or 1',
      doc: 'A day without school that is no weekend, as far as the holidays of the schools are known.',
      formula: "local date is a public or school holiday of the system's country or region",
      missingWhen: "the system's country is not configured",
      version: 1,
    },
  ],
  write: ({ local }, into, offset) => {
    into[offset] = sinOfDay(local)
    into[offset + 1] = cosOfDay(local)
    into[offset + 2] = sinOfWeek(local)
    into[offset + 3] = cosOfWeek(local)
    into[offset + 4] = Number(local.isWeekend)
    into[offset + 5] = local.isHoliday
    into[offset + 6] = local.isHolidayEve
    into[offset + 7] = local.isSchoolFree
  },
}
