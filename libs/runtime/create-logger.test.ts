import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { redaction } from './create-logger.ts'

test('no secret gets into a line, wherever it stands', () => {
  const lines: string[] = []
  const log = pino({ redact: redaction }, { write: (line) => void lines.push(line) })
  const headers = { authorization: 'Bearer SECRET', 'x-api-key': 'SECRET', accept: 'kept' }
  log.info({ headers })
  log.info({ req: { headers } })
  log.info({ request: { headers } })
  log.info(headers)
  log.info({ each: headers, config: { DATABASE_URL: 'SECRET', password: 'SECRET' } })
  assert.equal(lines.length, 5)
  for (const line of lines) {
    assert.doesNotMatch(line, /SECRET/)
    assert.match(line, /redacted/)
    assert.match(line, /kept/)
  }
})
