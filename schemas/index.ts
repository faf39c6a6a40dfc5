export * from './catalogue.ts'
export type * from './generated/types.ts'
export { avroType, parseAvro, schemaText } from './load-schema.ts'
export {
  encodeStationFeatures,
  type StationFeaturesHead,
  type StationFeaturesReader,
  type StationFeaturesRecord,
  stationFeaturesReader,
} from './station-features-codec.ts'
export { type StationVector, valueReader, valueWriter } from './value-format.ts'
