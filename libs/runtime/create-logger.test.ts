import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { createLogger } from './create-logger.ts'

const logged = (fields: object): string => {
  const lines: string[] = []
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk))
      done()
    },
  })
  createLogger('test', 'info', destination).info(fields, 'said')
  return lines.join('')
}

const secrets = {
  authorization: 'Bearer hush',
  'proxy-authorization': 'Basic hush',
  'x-api-key': 'hush',
  cookie: 'session=hush',
  'set-cookie': ['session=hush'],
  apiKey: 'hush',
  password: 'hush',
}

for (const [where, fields] of Object.entries({
  'in the line itself': secrets,
  'in headers': { headers: secrets },
  'in a request and its answer': { request: { headers: secrets }, res: { headers: secrets } },
  'in an error that brought its request': { err: { config: { headers: secrets } } },
  'in the environment': {
    env: { DATABASE_URL: 'postgres://me:hush@host/db', SLACK_WEBHOOK_URL: 'https://hush', API_KEYS: 'hush' },
  },
}))
  test(`what is secret is not written ${where}`, () => {
    const line = logged({ ...fields, station: 'seen' })
    assert.doesNotMatch(line, /hush/)
    assert.match(line, /seen/)
    assert.match(line, /\[redacted\]/)
  })
