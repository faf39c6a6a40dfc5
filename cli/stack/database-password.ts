import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { checkoutFolder } from '../folders.ts'

export const PASSWORD_VARIABLE = 'VELOCAST_DATABASE_PASSWORD'

const passwordFile = join(checkoutFolder, '.env')

/** The containers' password from the environment or `.env`, as Docker Compose finds it too; null where neither has one. */
export const knownPassword = async (file = passwordFile): Promise<string | null> =>
  process.env[PASSWORD_VARIABLE] || parseEnv(await contentOf(file))[PASSWORD_VARIABLE] || null

/** The known password, or one that is made and written into `.env`; a new file is readable by its owner alone. */
export const databasePassword = async (file = passwordFile): Promise<string> => {
  const known = await knownPassword(file)
  if (known) return known
  const content = await contentOf(file)
  const made = randomBytes(16).toString('hex')
  const separator = content === '' || content.endsWith('\n') ? '' : '\n'
  await writeFile(file, `${content}${separator}${PASSWORD_VARIABLE}=${made}\n`, { mode: 0o600 })
  return made
}

/** A file that is there and cannot be read is an error: it would be taken for empty, and written over. */
const contentOf = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
