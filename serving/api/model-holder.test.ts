import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createModelHolder } from './model-holder.ts'

test('a request keeps the model that it began with, and the old one is disposed of after its last request', async () => {
  const disposed: string[] = []
  const holder = createModelHolder<string>(async (model) => void disposed.push(model))
  assert.equal(
    holder.use(async (model) => model),
    null,
  )
  await holder.swap('one')

  const finish = Promise.withResolvers<void>()
  const slow = holder.use(async (model) => {
    await finish.promise
    return model
  })
  const drained = holder.swap('two')
  assert.equal(await holder.use(async (model) => model), 'two')
  assert.deepEqual(disposed, [])

  finish.resolve()
  assert.equal(await slow, 'one')
  await drained
  assert.deepEqual(disposed, ['one'])
  await holder.close()
  assert.deepEqual(disposed, ['one', 'two'])
})

test('a request that fails lets go of its model', async () => {
  const disposed: string[] = []
  const holder = createModelHolder<string>(async (model) => void disposed.push(model))
  await holder.swap('one')
  await assert.rejects(
    holder.use(async () => {
      throw new Error('no')
    })!,
  )
  await holder.swap('two')
  assert.deepEqual(disposed, ['one'])
})
