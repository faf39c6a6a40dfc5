import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, beforeEach, describe, it } from 'node:test'
import { createMlflowStages } from '@velocast/promotion'
import { testStack } from '@velocast/testkit'
import { aliasOf, forgetModels, versionsOf } from '../testing/mlflow-models.ts'
import { registerVersion } from '../testing/register-version.ts'

describe('stages and aliases in MLflow', () => {
  const { mlflowUrl } = testStack()
  const stages = createMlflowStages(mlflowUrl, fetch)
  const signal = AbortSignal.timeout(180_000)
  const modelNames: string[] = []
  let modelName = ''

  beforeEach(() => {
    // An apostrophe, which a filter must not take for its end.
    modelName = `test-${randomBytes(5).toString('hex')} of the city's`
    modelNames.push(modelName)
  })
  after(async () => {
    for (const name of modelNames) await forgetModels(mlflowUrl, name)
  })

  const register = () => registerVersion({ mlflowUrl, modelName, systemId: 'test' })
  const state = async () => ({
    stages: (await versionsOf(mlflowUrl, modelName)).map(({ current_stage }) => current_stage),
    champion: await aliasOf(mlflowUrl, modelName, 'champion'),
    challenger: await aliasOf(mlflowUrl, modelName, 'challenger'),
  })

  it('of the first version: Production and champion, and nobody challenges it', async () => {
    await stages.promote(modelName, await register(), signal)
    const first = { stages: ['Production'], champion: '1', challenger: null }
    assert.deepEqual(await state(), first)
    await stages.promote(modelName, '1', signal)
    assert.deepEqual(await state(), first, 'again')
  })

  it('of a version that is not better: it challenges, and the champion stays', async () => {
    await stages.promote(modelName, await register(), signal)
    await register()
    await register()
    await stages.nameChallenger(modelName, '1', signal)
    const refused = { stages: ['Production', 'Staging', 'Staging'], champion: '1', challenger: '3' }
    assert.deepEqual(await state(), refused)
    await stages.nameChallenger(modelName, '1', signal)
    assert.deepEqual(await state(), refused, 'again')
  })

  it('follow a promotion and a rollback: one Production, the one before Archived, both aliases moved', async () => {
    await stages.promote(modelName, await register(), signal)
    await stages.promote(modelName, await register(), signal)
    assert.deepEqual(await state(), { stages: ['Archived', 'Production'], champion: '2', challenger: '1' })
    await stages.promote(modelName, '1', signal)
    const back = { stages: ['Production', 'Archived'], champion: '1', challenger: '2' }
    assert.deepEqual(await state(), back)
    await stages.promote(modelName, '1', signal)
    assert.deepEqual(await state(), back, 'again')
  })

  it('of a challenger that became the only one left are put right', async () => {
    await register()
    await stages.nameChallenger(modelName, null, signal)
    assert.equal((await state()).challenger, '1')
    await stages.promote(modelName, '1', signal)
    assert.deepEqual(await state(), { stages: ['Production'], champion: '1', challenger: null })
  })

  it('of more than nine versions: the newest is the highest number, not the last word', async () => {
    for (let version = 1; version <= 10; version += 1) await register()
    await stages.promote(modelName, '9', signal)
    assert.equal((await state()).challenger, '10')
  })
})
