import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

/** Frees all but each sixteenth of many small pieces of memory; megabytes of the process before and after they are given back. */
const freeing = `
  import { setTimeout as sleep } from 'node:timers/promises'
  import { giveBackMemory } from ${JSON.stringify(new URL('./give-back-memory.ts', import.meta.url).href)}
  const kept = []
  let pieces = Array.from({ length: 4_096 }, () => new Uint8Array(32_768).fill(1))
  pieces.forEach((piece, index) => index % 16 === 0 && kept.push(piece))
  pieces = null
  gc()
  await sleep(100)
  const megabytes = () => process.memoryUsage.rss() / 2 ** 20
  const before = megabytes()
  const isGiven = await giveBackMemory()
  console.log(JSON.stringify({ isGiven, given: before - megabytes(), kept: kept.length }))`

test('memory that was freed between pieces that are still used is given back to the system', {
  skip: !(process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header
    .glibcVersionRuntime,
}, () => {
  const words = ['--no-warnings', '--expose-gc', '--input-type=module', '--eval', freeing]
  const { isGiven, given, kept } = JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }))
  assert.equal(isGiven, true)
  assert.equal(kept, 256)
  assert.ok(given > 60, `${given} MB of 120`)
})
