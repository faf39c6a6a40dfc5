export * from './catalogue.ts'
export type * from './generated/types.ts'
export { avroType, parseAvro, schemaText } from './load-schema.ts'
