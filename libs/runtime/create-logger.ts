import { type Logger, pino } from 'pino'

export type Log = Logger

/** One JSON line an event, to standard output. What looks like a secret is left out. */
export const createLogger = (name: string, level: string): Log =>
  pino({
    name,
    level,
    redact: {
      paths: [
        '*.password',
        '*.apiKey',
        '*.appid',
        '*.authorization',
        'req.headers.authorization',
        '*.DATABASE_URL',
        '*.SLACK_WEBHOOK_URL',
        '*.NOTIFY_WEBHOOK_URL',
      ],
      censor: '[redacted]',
    },
  })
