import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

/** Names under which secrets come; those of headers as Node writes them, in small letters. */
const secretNames = [
  'apiKey',
  'appid',
  'authorization',
  'cookie',
  'password',
  'proxy-authorization',
  'set-cookie',
  'x-api-key',
  'API_KEYS',
  'DATABASE_URL',
  'NOTIFY_WEBHOOK_URL',
  'SLACK_WEBHOOK_URL',
]

/** The line, what is in it, and the headers of a request or of an error's request: each place costs time in each line. */
const places = ['', '*', '*.headers', 'err.config.headers']

/** One JSON line an event, to standard output. What looks like a secret is left out. */
export const createLogger = (name: string, level: string, destination?: DestinationStream): Log =>
  pino(
    {
      name,
      level,
      redact: {
        paths: places.flatMap((place) => secretNames.map((secret) => `${place}["${secret}"]`)),
        censor: '[redacted]',
      },
    },
    destination,
  )
