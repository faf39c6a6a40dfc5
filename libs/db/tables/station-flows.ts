import { topics } from '@velocast/schemas'
import { defineTopicTable } from './topic-table.ts'

export const stationFlows = defineTopicTable({
  topic: topics.stationFlows,
  table: 'station_flows',
  columns: [
    { name: 'system_id', type: 'text' },
    { name: 'station_id', type: 'text' },
    { name: 'hour_at', type: 'timestamptz' },
    { name: 'departures', type: 'integer' },
    { name: 'arrivals', type: 'integer' },
    { name: 'ebike_departures', type: 'integer' },
    { name: 'ebike_arrivals', type: 'integer' },
    { name: 'origin', type: 'text' },
  ],
  key: ['system_id', 'station_id', 'hour_at'],
  rowsFrom: (flow) => [
    [
      flow.systemId,
      flow.stationId,
      flow.hourAt,
      flow.departures,
      flow.arrivals,
      flow.ebikeDepartures,
      flow.ebikeArrivals,
      flow.origin,
    ],
  ],
})
