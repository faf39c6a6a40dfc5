import { readFileSync } from 'node:fs'
import avsc from 'avsc'
import type { TopicName } from './catalogue.ts'

/** The Avro schema of a topic's values, as written in `avro/<topic>.avsc`. */
export const schemaText = (topic: TopicName): string =>
  readFileSync(new URL(`./avro/${topic}.avsc`, import.meta.url), 'utf8')

const parsed = new Map<TopicName, avsc.Type>()

/**
 * The avsc type of a topic's values, parsed once. Times stay epoch milliseconds: `timestamp-millis` is declared in
 * the schema for other readers, and not turned into dates here.
 */
export const avroType = (topic: TopicName): avsc.Type => {
  const known = parsed.get(topic)
  if (known) return known
  const type = parseAvro(schemaText(topic))
  parsed.set(topic, type)
  return type
}

/** Parses any writer's schema in the same way as our own. Throws when it is not an Avro schema. */
export const parseAvro = (text: string): avsc.Type =>
  avsc.Type.forSchema(JSON.parse(text), { wrapUnions: false })

/** Writes a value as the topic's Avro body. Throws when the value does not fit the schema. */
export const valueWriter = (topic: TopicName): ((value: unknown) => Buffer) => {
  const type = avroType(topic)
  return (value) => type.toBuffer(value)
}

/**
 * Reads Avro bodies of the topic that were written with `writerSchema`, as values of our own schema. Throws at once
 * when the two cannot be resolved; what it returns throws when the bytes do not fit.
 */
export const valueReader = (topic: TopicName, writerSchema: string): ((body: Buffer) => unknown) => {
  const reader = avroType(topic)
  const writer = parseAvro(writerSchema)
  if (writer.fingerprint().equals(reader.fingerprint())) return (body) => reader.fromBuffer(body)
  const resolver = reader.createResolver(writer)
  return (body) => reader.fromBuffer(body, resolver)
}
