import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BLOCK_BYTES, createAnswerMemory, type WrittenBody } from './answer-memory.ts'

const memoryOf = (blocks: number) => {
  const memory = createAnswerMemory(blocks * BLOCK_BYTES)
  return { ...memory, keep: (body: WrittenBody) => memory.keep(body, () => false) }
}
const text = (before: string, after: string | null = null): WrittenBody => ({ before, after })

test('the age is put where it belongs, also behind letters of several bytes', () => {
  const memory = memoryOf(100)
  for (const name of ['Main St', 'São Bento', '駅前 🚲']) {
    for (const length of [0, BLOCK_BYTES - 1, BLOCK_BYTES, 40 * BLOCK_BYTES]) {
      const before = `{"name":"${name}","data_age_seconds":`
      const after = `,"points":"${'é'.repeat(length / 2)}${'x'.repeat(length / 2)}"}`
      const kept = memory.keep(text(before, after))!
      for (const age of [0, 7, 86_400]) assert.equal(memory.read(kept, age), `${before}${age}${after}`)
      memory.free(kept)
    }
  }
})

test('bytes are given as they were, and each time anew', () => {
  const memory = memoryOf(4)
  const bytes = Buffer.from(Array.from({ length: 3_000 }, (_, index) => index % 256))
  const kept = memory.keep({ before: bytes, after: null })!
  const read = memory.read(kept, 5) as Buffer
  assert.deepEqual(read, bytes)
  read.fill(0)
  assert.deepEqual(memory.read(kept, null), bytes)
})

test('an empty body is one', () => {
  const memory = memoryOf(1)
  const kept = memory.keep(text(''))!
  assert.equal(memory.read(kept, null), '')
  assert.equal(memory.keep(text('a')), null)
})

test('there is no room beyond the last block, and room again for what is freed', () => {
  const memory = memoryOf(3)
  const two = memory.keep(text('a'.repeat(BLOCK_BYTES + 1)))!
  const one = memory.keep(text('b'))!
  assert.equal(memory.keep(text('c')), null)
  memory.free(two)
  assert.equal(memory.keep(text('c'.repeat(2 * BLOCK_BYTES + 1))), null)
  const three = memory.keep(text('c'.repeat(2 * BLOCK_BYTES)))!
  assert.equal(memory.read(one, null), 'b')
  assert.equal(memory.read(three, null), 'c'.repeat(2 * BLOCK_BYTES))
  assert.equal(memoryOf(0.9).keep(text('')), null)
})

test('others are freed for a body as long as it needs them, and none for one that would never fit', () => {
  const memory = createAnswerMemory(3 * BLOCK_BYTES)
  const keep = (body: WrittenBody, others: (typeof first)[]) =>
    memory.keep(body, () => {
      const other = others.shift()
      if (other) memory.free(other)
      return other !== undefined
    })
  const first = memory.keep(text('a'), () => false)!
  const kept = [first, ...['b', 'c'].map((letter) => memory.keep(text(letter), () => false)!)]
  assert.equal(keep(text('d'.repeat(3 * BLOCK_BYTES + 1)), kept), null)
  assert.equal(kept.length, 3)
  const two = keep(text('d'.repeat(BLOCK_BYTES + 1)), kept)!
  assert.equal(kept.length, 1)
  assert.equal(memory.read(kept[0]!, null), 'c')
  assert.equal(memory.read(two, null), 'd'.repeat(BLOCK_BYTES + 1))
})
