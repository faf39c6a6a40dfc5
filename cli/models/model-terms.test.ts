import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Answer, chooseRollback, type Promotion, replicasAt, termAt, termsOf } from './model-terms.ts'

const promotion = (modelVersion: string, promotedAt: number): Promotion => ({
  modelName: 'velocast',
  modelVersion,
  promotedAt,
  previousVersion: null,
  reason: 'better',
  metrics: {},
  triggerId: null,
  trigger: null,
})

const answer = (
  modelVersion: string,
  promotedAt: number,
  replicaId = 'one',
  isActivated = true,
  afterMs = 2,
): Answer => ({
  modelVersion,
  promotedAt,
  replicaId,
  isActivated,
  answeredAt: promotedAt + afterMs,
  detail: isActivated ? null : 'CHECKSUM: wrong',
})

/** 1 served, 2 served, 3 was refused, 4 serves; in the order of a table that was read anyhow. */
const promotions = [promotion('4', 400), promotion('1', 100), promotion('3', 300), promotion('2', 200)]
const answers = [
  answer('4', 400),
  answer('1', 100),
  answer('1', 100, 'gone'),
  answer('2', 200),
  answer('2', 200, 'two'),
  answer('3', 300, 'one', false),
]
const terms = termsOf(promotions, answers)
const versionAt = (at: number): string | undefined => termAt(terms, at)?.modelVersion

describe('the terms of models', () => {
  it('last until the next promotion that somebody took up', () => {
    assert.deepEqual(
      terms.map(({ modelVersion, state, until, untilVersion }) => [modelVersion, state, until, untilVersion]),
      [
        ['1', 'served', 200, '2'],
        ['2', 'served', 400, '4'],
        ['3', 'refused', null, null],
        ['4', 'serves', null, null],
      ],
    )
  })

  it('tell what was live: from the very moment of the promotion to before that of the next', () => {
    assert.equal(versionAt(99), undefined)
    assert.equal(versionAt(100), '1')
    assert.equal(versionAt(199), '1')
    assert.equal(versionAt(200), '2')
    assert.equal(versionAt(350), '2', 'the refused one')
    assert.equal(versionAt(400), '4')
    assert.equal(versionAt(1e12), '4')
  })

  it('count a promotion that one of two took up, and one that nobody has answered', () => {
    const half = termsOf([promotion('1', 100)], [answer('1', 100, 'a', false), answer('1', 100, 'b')])
    assert.equal(half[0]?.state, 'serves')
    assert.equal(termsOf([promotion('1', 100)], [])[0]?.state, 'serves')
  })

  it('hold a version that came back as two terms, each with its own answers', () => {
    const back = termsOf(
      [promotion('1', 100), promotion('2', 200), promotion('1', 300)],
      [answer('1', 100), answer('1', 300, 'one', false)],
    )
    assert.deepEqual(
      back.map(({ state, answers: given }) => [state, given.length]),
      [
        ['served', 1],
        ['serves', 0],
        ['refused', 1],
      ],
    )
  })

  it('tell with what each predictor answered, and leave out those that are gone', () => {
    assert.deepEqual(replicasAt(terms, 401), [
      { replicaId: 'one', modelVersion: '2', since: 202 },
      { replicaId: 'two', modelVersion: '2', since: 202 },
    ])
    assert.deepEqual(replicasAt(terms, 402), [
      { replicaId: 'one', modelVersion: '4', since: 402 },
      { replicaId: 'two', modelVersion: '2', since: 202 },
    ])
    assert.deepEqual(replicasAt(terms, 50), [])
  })
})

describe('a rollback', () => {
  it('goes back to what served before, past what was refused', () => {
    assert.deepEqual(chooseRollback(terms, null), { modelVersion: '2' })
  })

  it('goes back to what was live at a moment', () => {
    assert.deepEqual(chooseRollback(terms, 150), { modelVersion: '1' })
    assert.deepEqual(chooseRollback(terms, 350), { modelVersion: '2' })
    assert.match(JSON.stringify(chooseRollback(terms, 50)), /the first model was promoted at 1970/)
  })

  it('is undone by another', () => {
    const once = termsOf([...promotions, promotion('2', 500)], answers)
    assert.deepEqual(chooseRollback(once, null), { modelVersion: '4' })
    const twice = termsOf([...promotions, promotion('2', 500), promotion('4', 600)], answers)
    assert.deepEqual(chooseRollback(twice, null), { modelVersion: '2' })
  })

  it('away from a version that every predictor refuses names the one that they answer with', () => {
    const refused = termsOf(
      [promotion('1', 100), promotion('2', 200)],
      [answer('1', 100), answer('2', 200, 'one', false)],
    )
    assert.deepEqual(chooseRollback(refused, null), { modelVersion: '1' })
  })

  it('says so when there is nothing to go back to', () => {
    assert.match(JSON.stringify(chooseRollback([], null)), /velocast train/)
    const only = termsOf([promotion('1', 100), promotion('1', 200)], [])
    assert.match(JSON.stringify(chooseRollback(only, null)), /version 1 is the only one/)
  })
})
