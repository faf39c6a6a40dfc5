/** Recordings that the tests make for themselves, in the forms that archives have. */
import { gzipSync } from 'node:zlib'
import { STATUS_HEADER, tarOf } from '@velocast/recordings/testing'

/** A day and more of a snapshot every `everyMinutes`, three stations; bikes count the snapshots, so that each differs. */
export const recordedCsv = (startsAt: number, days: number, everyMinutes = 60): string => {
  const lines = [STATUS_HEADER]
  const count = (days * 1440) / everyMinutes
  for (let index = 0; index < count; index++) {
    const seconds = startsAt / 1000 + index * everyMinutes * 60
    for (const station of ['a', 'b', 'c'])
      lines.push(
        `${seconds},${station},${index % 20},${index % 3},${20 - (index % 20)},0,0,1,1,1,${seconds - 30}`,
      )
  }
  return `${lines.join('\n')}\n`
}

export const informationDocument = (recordedAt: number, capacity = 20): string =>
  JSON.stringify({
    last_updated: recordedAt / 1000,
    ttl: 5,
    data: {
      stations: ['a', 'b', 'c'].map((id, index) => ({
        station_id: id,
        name: `Station ${id.toUpperCase()}`,
        lat: 37.77 + index / 1000,
        lon: -122.41,
        capacity,
      })),
    },
  })

export const statusDocument = (recordedAt: number, bikes: number): string =>
  JSON.stringify({
    last_updated: recordedAt / 1000,
    ttl: 5,
    data: {
      stations: [
        {
          station_id: 'a',
          num_bikes_available: bikes,
          num_ebikes_available: 1,
          num_docks_available: 12 - bikes,
          num_bikes_disabled: 0,
          num_docks_disabled: 0,
          is_installed: 1,
          is_renting: 1,
          is_returning: 1,
          last_reported: recordedAt / 1000 - 40,
        },
      ],
    },
  })

export const tarGzOf = async (files: Record<string, string>): Promise<Buffer> => gzipSync(await tarOf(files))
