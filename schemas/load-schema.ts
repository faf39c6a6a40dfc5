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
