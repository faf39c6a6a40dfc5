import type { Chance } from './availability-schemas.ts'
import { boolean, number, type Table, text, time } from './table.ts'

export const chanceTable = (
  systemId: string,
  { target_at, need }: { target_at: string; need: string },
  chances: readonly Chance[],
  suggested: string | null,
): Table => ({
  columns: [
    text('system_id'),
    text('station_id'),
    text('name'),
    number('latitude'),
    number('longitude'),
    number('distance_metres'),
    time('as_of'),
    time('target_at'),
    text('need'),
    number('probability'),
    number('expected'),
    boolean('likely'),
    boolean('suggested'),
    boolean('degraded'),
    text('reasons'),
  ],
  rows: chances.map((each) => [
    systemId,
    each.station_id,
    each.name,
    each.latitude,
    each.longitude,
    each.distance_metres,
    Date.parse(each.as_of),
    Date.parse(target_at),
    need,
    each.probability,
    each.expected,
    each.likely,
    each.station_id === suggested,
    each.degraded,
    each.reasons.join(' '),
  ]),
})
