/**
 * Values in Confluent's wire format: a zero byte, the schema's id in the registry (4 bytes, big-endian), the Avro body.
 * Source: https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
 *
 * The registry is asked once for each schema; afterwards encoding and decoding need no I/O and go on while it is away.
 */
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { UnavailableError } from '@velocast/runtime'
import { schemaText, subjectOf, type TopicName, valueReader, valueWriter } from '@velocast/schemas'

const HEADER_BYTES = 5

export type Decoded =
  | { ok: true; value: unknown }
  | { ok: false; reason: 'not-avro' | 'unknown-schema'; detail: string }

export interface ValueCodec {
  /** Registers the topic's schema (once) and returns its id. Throws when the registry refuses it, naming the subject. */
  prepareToWrite: (topic: TopicName) => Promise<void>
  /** The value's bytes; `body` is its Avro body where the caller has written it already. */
  encode: (topic: TopicName, value: unknown, body?: Buffer) => Buffer
  /** Fetches whatever schemas are needed to decode these values. */
  prepareToRead: (topic: TopicName, values: readonly (Buffer | null)[]) => Promise<void>
  decode: (topic: TopicName, bytes: Buffer | null) => Decoded
}

interface RegistryFailure {
  status?: number
  message: string
}

export const createValueCodec = (options: {
  registryUrl: string
  topicPrefix: string
  clientId: string
  schemaOf?: ((topic: TopicName) => string) | undefined
  /** After so long without an answer the registry is away. */
  answerWithinMs?: number
}): ValueCodec => {
  const { answerWithinMs = 10_000 } = options
  const schemaOf = options.schemaOf ?? schemaText
  const registry = new SchemaRegistry({
    host: options.registryUrl,
    clientId: options.clientId,
    retry: { retries: 0 },
    // Its client waits for ever, and has others who ask the same wait with it.
    middlewares: [
      () => ({
        prepareRequest: (next) => next().then((request) => request.enhance({ timeout: answerWithinMs })),
      }),
    ],
  })
  const writerIds = new Map<TopicName, Promise<number> | number>()
  /** Readers by topic and schema id; null: the registry does not know the id. */
  const readers = new Map<string, ((body: Buffer) => unknown) | null>()

  const register = async (topic: TopicName): Promise<number> => {
    const subject = subjectOf(`${options.topicPrefix}${topic}`)
    try {
      const { id } = await registry.register(
        { type: SchemaType.AVRO, schema: schemaOf(topic) },
        { subject, compatibility: COMPATIBILITY.FULL_TRANSITIVE },
      )
      writerIds.set(topic, id)
      return id
    } catch (error) {
      writerIds.delete(topic)
      if (isWithoutRule(error)) {
        await setRule(subject)
        return register(topic)
      }
      if (isRuledMeanwhile(error)) return register(topic)
      const { status, message } = error as RegistryFailure
      if (isAway(error)) throw new UnavailableError('schema registry', error)
      if (status === 409)
        throw new Error(
          `The schema of ${topic} is not compatible with the versions registered as ${subject}: ${message}. ` +
            'Only fields with a default may be added or removed.',
        )
      throw error
    }
  }

  /**
   * The registry's client registers a subject first and sets its rule then: when it is killed between the two, or waits too
   * long for the first, the subject has none, and the client refuses it ever after.
   */
  const setRule = async (subject: string): Promise<void> => {
    try {
      const response = await fetch(`${options.registryUrl}/config/${encodeURIComponent(subject)}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify({ compatibility: COMPATIBILITY.FULL_TRANSITIVE }),
        signal: AbortSignal.timeout(answerWithinMs),
      })
      await response.body?.cancel()
      // Another process has set it at the same moment.
      const isSet = response.ok || response.status === 409
      if (!isSet) throw new Error(`it answered ${response.status} to the rule of ${subject}`)
    } catch (error) {
      throw new UnavailableError('schema registry', error)
    }
  }

  const fetchReader = async (topic: TopicName, id: number): Promise<void> => {
    const key = `${topic}/${id}`
    if (readers.has(key)) return
    try {
      const writer = (await registry.getSchema(id)) as unknown as { schema: (options: object) => unknown }
      readers.set(key, valueReader(topic, JSON.stringify(writer.schema({ exportAttrs: true }))))
    } catch (error) {
      if (isAway(error)) throw new UnavailableError('schema registry', error)
      // Who is not let in must not take every record for a bad one.
      if (isRefusal(error)) throw error
      readers.set(key, null)
    }
  }

  return {
    async prepareToWrite(topic) {
      const known = writerIds.get(topic)
      if (known !== undefined) {
        await known
        return
      }
      const registering = register(topic)
      writerIds.set(topic, registering)
      await registering
    },
    encode(topic, value, body = valueWriter(topic)(value)) {
      const id = writerIds.get(topic)
      if (typeof id !== 'number') throw new Error(`prepareToWrite('${topic}') comes before encode`)
      const bytes = Buffer.allocUnsafe(HEADER_BYTES + body.length)
      bytes[0] = 0
      bytes.writeUInt32BE(id, 1)
      body.copy(bytes, HEADER_BYTES)
      return bytes
    },
    async prepareToRead(topic, values) {
      let previous = -1
      for (const value of values) {
        if (value === null || value.length < HEADER_BYTES || value[0] !== 0) continue
        const id = value.readUInt32BE(1)
        if (id === previous) continue
        previous = id
        await fetchReader(topic, id)
      }
    },
    decode(topic, bytes) {
      if (bytes === null || bytes.length < HEADER_BYTES || bytes[0] !== 0)
        return {
          ok: false,
          reason: 'not-avro',
          detail: 'the value does not begin with a zero byte and a schema id',
        }
      const id = bytes.readUInt32BE(1)
      const read = readers.get(`${topic}/${id}`)
      if (!read)
        return {
          ok: false,
          reason: 'unknown-schema',
          detail: `schema ${id} is not in the registry, or is not one of ${topic}`,
        }
      try {
        return { ok: true, value: read(bytes.subarray(HEADER_BYTES)) }
      } catch (error) {
        return {
          ok: false,
          reason: 'not-avro',
          detail: `schema ${id} does not fit the bytes: ${(error as Error).message}`,
        }
      }
    },
  }
}

/** No answer, or an answer that says it is the server's own trouble. */
const isAway = (error: unknown): boolean => {
  const { status = 0 } = error as RegistryFailure
  return isConnectionFailure(error) || status >= 500 || status === 408 || status === 429
}

const isRefusal = (error: unknown): boolean => {
  const { status } = error as RegistryFailure
  return status === 401 || status === 403
}

/** By its words: the client makes an answer with status 400 of a connection that fails. */
const isConnectionFailure = (error: unknown): boolean => {
  const { status, message = '' } = error as Partial<RegistryFailure>
  return (
    (status === undefined || status === 0 || status === 400) &&
    /\bE(CONN|HOST|NET|AI_|TIMEDOUT|PIPE)|socket hang up|timed? ?out/i.test(message)
  )
}

/** Another process that registers the subject has set its rule between this one's look and its own try. */
const isRuledMeanwhile = (error: unknown): boolean => {
  const { status, message } = error as RegistryFailure
  return status === 409 && /rule named .* already exists/i.test(message)
}

const isWithoutRule = (error: unknown): boolean =>
  error instanceof Error &&
  error.name === 'ConfluentSchemaRegistryCompatibilityError' &&
  error.message.includes(`!= ${COMPATIBILITY.NONE})`)
