import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HYPER_PARAMETERS, SEARCH_SPACE, searchOf } from './fit-model.ts'

describe('a search for hyper-parameters', () => {
  it('is not asked for where it has no trials', () => {
    assert.equal(searchOf({ trials: 0, minutes: 20 }), null)
    assert.deepEqual(searchOf({ trials: 8, minutes: 20 }), { trials: 8, minutes: 20, space: SEARCH_SPACE })
  })

  it('can begin with the usual ones', () => {
    for (const [name, [least, most]] of Object.entries(SEARCH_SPACE)) {
      const usual = HYPER_PARAMETERS[name as keyof typeof SEARCH_SPACE]
      assert.ok(least < usual && usual < most, name)
    }
  })
})
