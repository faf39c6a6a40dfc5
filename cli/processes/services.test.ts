import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { pipelineServices, serviceFile } from './services.ts'

test('the pipeline tells somebody only where it is said whom', () => {
  assert.equal(pipelineServices({}).includes('notifications'), false)
  assert.equal(pipelineServices({ SLACK_WEBHOOK_URL: '' }).includes('notifications'), false)
  const address = 'http://127.0.0.1/hook'
  assert.equal(pipelineServices({ SLACK_WEBHOOK_URL: address }).includes('notifications'), true)
  assert.equal(pipelineServices({ NOTIFY_WEBHOOK_URL: address }).includes('notifications'), true)
})

test('every service of the pipeline has a file', () => {
  for (const name of pipelineServices({ NOTIFY_WEBHOOK_URL: 'http://127.0.0.1' }))
    assert.ok(existsSync(serviceFile(name)), name)
})
