/** Writes `generated/types.ts` from the .avsc files; `--check` fails when it is out of date. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

interface AvroField {
  name: string
  type: AvroSchema
  doc?: string
  /** Whoever has nothing to say leaves the field out: its default is written. */
  optional?: boolean
}
type AvroSchema =
  | string
  | AvroSchema[]
  | { type: 'record'; name: string; doc?: string; fields: AvroField[] }
  | { type: 'enum'; name: string; symbols: string[] }
  | { type: 'array'; items: AvroSchema }
  | { type: 'map'; values: AvroSchema }
  | { type: string; logicalType?: string }

const folder = new URL('./avro/', import.meta.url)
const target = new URL('./generated/types.ts', import.meta.url)

const PRIMITIVES: Record<string, string> = {
  string: 'string',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  bytes: 'Buffer',
  null: 'null',
}

const declarations = new Map<string, string>()

const typeOf = (schema: AvroSchema): string => {
  if (typeof schema === 'string') return PRIMITIVES[schema] ?? schema
  if (Array.isArray(schema)) return schema.map(typeOf).sort(nullLast).join(' | ')
  if ('fields' in schema) {
    declareRecord(schema)
    return schema.name
  }
  if ('symbols' in schema) {
    declarations.set(
      schema.name,
      `export type ${schema.name} = ${schema.symbols.map((symbol) => `'${symbol}'`).join(' | ')}\n`,
    )
    return schema.name
  }
  if ('items' in schema) return `${typeOf(schema.items)}[]`
  if ('values' in schema) return `Record<string, ${typeOf(schema.values)}>`
  return typeOf(schema.type)
}

const nullLast = (a: string, b: string): number => Number(a === 'null') - Number(b === 'null')

const declareRecord = (schema: { name: string; doc?: string; fields: AvroField[] }): void => {
  const fields = schema.fields.map((field) => {
    const doc = field.doc ? `  /** ${field.doc} */\n` : ''
    return `${doc}  ${field.name}${field.optional ? '?' : ''}: ${typeOf(field.type)}\n`
  })
  const doc = schema.doc ? `/** ${schema.doc} */\n` : ''
  declarations.set(schema.name, `${doc}export interface ${schema.name} {\n${fields.join('')}}\n`)
}

for (const file of readdirSync(folder)
  .filter((name) => name.endsWith('.avsc'))
  .sort())
  typeOf(JSON.parse(readFileSync(new URL(file, folder), 'utf8')))

const text = `// Made from avro/*.avsc by generate-types.ts. Change those, then run it again.\n\n${[...declarations.values()].join('\n')}`

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('schemas/generated/types.ts is out of date: run `node schemas/generate-types.ts`')
    process.exitCode = 1
  }
} else writeFileSync(target, text)
