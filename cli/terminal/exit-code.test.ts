import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, UnavailableError } from '@velocast/runtime'
import { CommanderError, InvalidArgumentError } from 'commander'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { CommandError } from './until-interrupted.ts'

test('the exit code tells whose turn it is', () => {
  const cases: [error: unknown, code: number][] = [
    [new CommanderError(0, 'commander.helpDisplayed', ''), 0],
    [new CommanderError(1, 'commander.unknownOption', ''), 2],
    [new InvalidArgumentError('a whole number is wanted'), 2],
    [new CommandError('there is no system a'), 2],
    [new CommandError('it cannot be followed', EXIT.no), 1],
    [new CommandError('the API does not answer', EXIT.unavailable), 3],
    [new ConfigError(['DATABASE_URL is missing']), 2],
    [new UnavailableError('Kafka', new Error('away')), 3],
    [new Error('the poll has failed', { cause: new UnavailableError('Kafka', null) }), 3],
    [new Error('a bug', { cause: 'unknown' }), 1],
    ['a text', 1],
  ]
  for (const [error, code] of cases) assert.equal(exitCodeOf(error), code, String(error))
})
