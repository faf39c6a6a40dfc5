import { join, resolve } from 'node:path'

/** The checkout that this file is in. */
export const checkoutFolder = resolve(import.meta.dirname, '..')

/** What this checkout writes: servers' data, logs, caches. Never committed; deleted, it is made anew. */
export const dataFolder = process.env.VELOCAST_HOME ?? join(checkoutFolder, '.velocast')
