export { keyStateAt, makeApiKey, revokeApiKey } from './api-key.ts'
export { createKeyTable, type KeyTable } from './key-table.ts'
export { isScope, scopes } from './scopes.ts'
