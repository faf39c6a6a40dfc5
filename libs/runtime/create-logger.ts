import { type Logger, pino } from 'pino'

export type Log = Logger

/** What looks like a secret, wherever a library or a careless line puts it. */
export const redaction = {
  paths: [
    '*.password',
    '*.apiKey',
    '*.appid',
    ...['', '*.', 'req.headers.', '*.headers.', 'headers.'].flatMap((place) => [
      `${place}authorization`,
      `${place}["x-api-key"]`.replace('.[', '['),
    ]),
    '*.DATABASE_URL',
    '*.SLACK_WEBHOOK_URL',
    '*.NOTIFY_WEBHOOK_URL',
  ],
  censor: '[redacted]',
}

/** One JSON line an event, to standard output. What looks like a secret is left out. */
export const createLogger = (name: string, level: string): Log => pino({ name, level, redact: redaction })
