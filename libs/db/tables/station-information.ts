import { topics } from '@velocast/schemas'
import { defineTopicTable } from './topic-table.ts'

export const stationInformation = defineTopicTable({
  topic: topics.stationInformation,
  table: 'station_information',
  columns: [
    { name: 'system_id', type: 'text' },
    { name: 'station_id', type: 'text' },
    { name: 'name', type: 'text' },
    { name: 'latitude', type: 'double' },
    { name: 'longitude', type: 'double' },
    { name: 'capacity', type: 'integer' },
    { name: 'is_virtual', type: 'boolean' },
    { name: 'region_id', type: 'text' },
    { name: 'polled_at', type: 'timestamptz' },
  ],
  key: ['system_id', 'station_id'],
  stays: { which: 'latest', by: 'polled_at' },
  rowsFrom: (station) => [
    [
      station.systemId,
      station.stationId,
      station.name,
      station.latitude,
      station.longitude,
      station.capacity,
      station.isVirtual,
      station.regionId,
      station.polledAt,
    ],
  ],
})
