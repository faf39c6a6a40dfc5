export { newestRows } from './timescale/newest-rows.ts'
export { sinkLanes, sinkTables } from './timescale/sink-lanes.ts'
export type { SinkTable } from './timescale/sink-table.ts'
export { upsertRows } from './timescale/store/upsert-rows.ts'
