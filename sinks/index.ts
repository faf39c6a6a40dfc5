export { sinkLanes, sinkTables } from './timescale/sink-lanes.ts'
