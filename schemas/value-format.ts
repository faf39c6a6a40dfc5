import type { TopicName } from './catalogue.ts'
import { avroType, parseAvro } from './load-schema.ts'
import {
  encodeStationFeatures,
  type StationFeaturesRecord,
  stationFeaturesReader,
} from './station-features-codec.ts'

/** A record of `station-features` as our readers hand it over: the vector, and what its floats are called. */
export interface StationVector extends StationFeaturesRecord {
  /** The features that the writer knew, in the vector's order; one array for all records of a writer. */
  readonly names: readonly string[]
}

/** Writes a value as the topic's Avro body. Throws when the value does not fit the schema. */
export const valueWriter = (topic: TopicName): ((value: unknown) => Buffer) => {
  if (topic === 'station-features')
    return (value) => encodeStationFeatures(value as StationVector, (value as StationVector).vector)
  const type = avroType(topic)
  return (value) => type.toBuffer(value)
}

/**
 * Reads Avro bodies of the topic that were written with `writerSchema`, as values of our own schema. Throws at once
 * when the two cannot be resolved; what it returns throws when the bytes do not fit.
 */
export const valueReader = (topic: TopicName, writerSchema: string): ((body: Buffer) => unknown) => {
  if (topic === 'station-features') {
    const { names, read } = stationFeaturesReader(writerSchema)
    return (body): StationVector => ({ ...read(body), names })
  }
  const reader = avroType(topic)
  const writer = parseAvro(writerSchema)
  if (writer.fingerprint().equals(reader.fingerprint())) return (body) => reader.fromBuffer(body)
  const resolver = reader.createResolver(writer)
  return (body) => reader.fromBuffer(body, resolver)
}
