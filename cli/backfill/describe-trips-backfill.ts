import type { TripsBackfillResult } from '@velocast/producers'

/** What became of an operator's trips, as a table of counts. */
export const describeTripsBackfill = ({
  trips,
  stations,
  published,
  unchanged,
  reconstructed,
  firstAt,
  lastAt,
}: TripsBackfillResult): string[] => {
  const matched = (...ways: (keyof typeof stations)[]): number =>
    ways.reduce((sum, way) => sum + stations[way], 0)
  const { impossible, clockChanges } = trips
  const rows: [what: string, count: number][] = [
    ['trips read', trips.read],
    ['trips used', trips.used],
    ['start is blank', trips.blankStarts],
    ['end is blank', trips.blankEnds],
    ['left out: unreadable', impossible.unreadable],
    ['left out: ends before it begins', impossible['ends-before-it-begins']],
    ['left out: longer than a day', impossible['longer-than-a-day']],
    ['clocks changed: hour comes twice, duration or order tells which', clockChanges['twice-resolved']],
    ['clocks changed: hour comes twice, the first is taken', clockChanges['twice-first']],
    ['clocks changed: hour does not come', clockChanges.never],
    ['stations with the same id in the feed', matched('same-id')],
    ['stations found by the mapping file', matched('given')],
    ['stations found by name or position', matched('name-and-position', 'position', 'name')],
    ['stations found as another id of the trips', matched('successor')],
    ['stations that the feed does not know', matched('unknown')],
    ['hours of stations published', published],
    ['hours of stations that were there already', unchanged],
    ...(reconstructed ? reconstructedRows(reconstructed) : []),
  ]
  const width = Math.max(...rows.map(([what]) => what.length))
  const lines = rows.map(
    ([what, count]) => `  ${what.padEnd(width)}  ${count.toLocaleString('en').padStart(11)}`,
  )
  const span = firstAt === null || lastAt === null ? [] : [`From ${isoTime(firstAt)} to ${isoTime(lastAt)}:`]
  return [...span, ...lines]
}

const reconstructedRows = ({
  stations,
  withoutReport,
  published,
  unchanged,
}: NonNullable<TripsBackfillResult['reconstructed']>): [what: string, count: number][] => [
  ['stations reconstructed', stations],
  ['stations without a report to begin with, or a capacity', withoutReport],
  ['reconstructed levels published', published],
  ['reconstructed levels that were there already', unchanged],
]

const isoTime = (at: number): string => `${new Date(at).toISOString().slice(0, 16)}Z`
