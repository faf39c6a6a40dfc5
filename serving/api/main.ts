import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'

// A thousand modules: what was compiled for the last start is read for this one, a quarter of whose time it was. Said before
// they are imported, and to the threads by a variable. Where it cannot be, they are compiled.
const { CACHE_FOLDER } = process.env
if (CACHE_FOLDER) process.env.NODE_COMPILE_CACHE ??= join(CACHE_FOLDER, 'compiled')
enableCompileCache()

const [{ runService }, { apiService }] = await Promise.all([
  import('@velocast/runtime'),
  import('./service.ts'),
])
await runService(apiService, process)
