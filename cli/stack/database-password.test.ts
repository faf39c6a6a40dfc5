import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { databasePassword, knownPassword, PASSWORD_VARIABLE } from './database-password.ts'

const newFile = (): string => join(mkdtempSync(join(tmpdir(), 'velocast-')), '.env')

describe("the containers' password", { skip: PASSWORD_VARIABLE in process.env }, () => {
  it('is made once, in a file for its owner alone', async () => {
    const file = newFile()
    assert.equal(await knownPassword(file), null)
    const made = await databasePassword(file)
    assert.match(made, /^[0-9a-f]{32}$/)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.equal(await databasePassword(file), made)
    assert.equal(await knownPassword(file), made)
  })

  it('stands beside what the file holds already', async () => {
    const file = newFile()
    writeFileSync(file, 'OTHER=1')
    await databasePassword(file)
    assert.match(readFileSync(file, 'utf8'), /^OTHER=1\nVELOCAST_DATABASE_PASSWORD=[0-9a-f]{32}\n$/)
  })

  it('is read as Docker Compose reads it', async () => {
    const file = newFile()
    for (const line of ['="a b#c"', "='a b#c'", '="a b#c" # chosen by hand']) {
      writeFileSync(file, `# servers\nexport ${PASSWORD_VARIABLE}${line}\n`)
      assert.equal(await knownPassword(file), 'a b#c', line)
    }
  })

  it('is the one of the environment, where that has one', async () => {
    const file = newFile()
    writeFileSync(file, `${PASSWORD_VARIABLE}=of the file\n`)
    process.env[PASSWORD_VARIABLE] = 'of the environment'
    try {
      assert.equal(await databasePassword(file), 'of the environment')
    } finally {
      delete process.env[PASSWORD_VARIABLE]
    }
  })

  it('is not made anew because a file cannot be read', async () => {
    const folder = newFile()
    mkdirSync(folder)
    await assert.rejects(databasePassword(folder), /EISDIR/)
  })
})
