import type { FeatureFamily } from '../feature.ts'
import {
  bikesAt,
  bikesDisabledAt,
  capacityAt,
  docksAt,
  docksDisabledAt,
  ebikesAt,
  isInstalledAt,
  isRentingAt,
  isReturningAt,
  notPublished,
  placeAt,
  reportedAtOf,
} from '../readings.ts'
import { minuteMs } from '../slots.ts'
import type { VectorInputs } from '../vector-inputs.ts'

const orMissing = (value: number): number => (value === notPublished ? Number.NaN : value)

/** What the newest observation says. */
export const level: FeatureFamily<VectorInputs> = {
  features: [
    {
      name: 'bikes',
      unit: 'bikes',
      doc: 'Bikes that can be rented.',
      formula: 'bikes',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'docks',
      unit: 'docks',
      doc: 'Docks that can take a bike.',
      formula: 'docks',
      missingWhen: 'docks are not published',
      version: 1,
    },
    {
      name: 'ebikes',
      unit: 'bikes',
      doc: 'E-bikes that can be rented.',
      formula: 'ebikes',
      missingWhen: 'e-bikes are not published',
      version: 1,
    },
    {
      name: 'ebike_share',
      unit: 'share',
      doc: 'The part of the bikes that is electric.',
      formula: 'ebikes / bikes',
      missingWhen: 'e-bikes are not published, or there are no bikes',
      version: 1,
    },
    {
      name: 'capacity',
      unit: 'docks',
      doc: 'Docks in all, as published; else the sum of what is at the station.',
      formula: 'capacity, else bikes + docks + bikesDisabled + docksDisabled',
      missingWhen: 'neither capacity nor docks are published',
      version: 1,
    },
    {
      name: 'fill_ratio',
      unit: 'share',
      doc: 'How full the station is; above 1 where bikes stand beside the docks.',
      formula: 'bikes / capacity',
      missingWhen: 'the capacity is missing or 0',
      version: 1,
    },
    {
      name: 'bikes_disabled',
      unit: 'bikes',
      doc: 'Bikes that are broken.',
      formula: 'bikesDisabled',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'docks_disabled',
      unit: 'docks',
      doc: 'Docks that are broken.',
      formula: 'docksDisabled',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'is_installed',
      unit: '0 or 1',
      doc: 'The station is on the street.',
      formula: 'isInstalled',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'is_renting',
      unit: '0 or 1',
      doc: 'The station hands out bikes.',
      formula: 'isRenting',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'is_returning',
      unit: '0 or 1',
      doc: 'The station takes bikes back.',
      formula: 'isReturning',
      missingWhen: 'never',
      version: 1,
    },
    {
      name: 'report_age_min',
      unit: 'min',
      doc: "The age of the station's own report; 0 where its clock runs ahead.",
      formula: 'max(0, asOf - reportedAt)',
      missingWhen: 'the time of the report is not published',
      version: 1,
    },
    {
      name: 'latitude',
      unit: 'degrees north',
      doc: 'Where the station is.',
      formula: 'latitude',
      missingWhen: 'the position is not published',
      version: 1,
    },
    {
      name: 'longitude',
      unit: 'degrees east',
      doc: 'Where the station is.',
      formula: 'longitude',
      missingWhen: 'the position is not published',
      version: 1,
    },
  ],
  write: ({ history: { readings }, position, asOf }, into, offset) => {
    const bikes = bikesAt(readings, position)
    const ebikes = orMissing(ebikesAt(readings, position))
    const { latitude, longitude } = placeAt(readings, position)
    const capacity = capacityAt(readings, position)
    into[offset] = bikes
    into[offset + 1] = orMissing(docksAt(readings, position))
    into[offset + 2] = ebikes
    into[offset + 3] = bikes > 0 ? ebikes / bikes : Number.NaN
    into[offset + 4] = capacity
    into[offset + 5] = capacity > 0 ? bikes / capacity : Number.NaN
    into[offset + 6] = bikesDisabledAt(readings, position)
    into[offset + 7] = docksDisabledAt(readings, position)
    into[offset + 8] = isInstalledAt(readings, position)
    into[offset + 9] = isRentingAt(readings, position)
    into[offset + 10] = isReturningAt(readings, position)
    into[offset + 11] = Math.max(0, asOf - reportedAtOf(readings, position)) / minuteMs
    into[offset + 12] = latitude
    into[offset + 13] = longitude
  },
}
