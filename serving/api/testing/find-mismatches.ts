/** What a JSON value must hold, at least. An array stands for one or more of its entry. */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  /** ISO 8601 with its offset. */
  | 'time'
  | { readonly nullable: Shape }
  | readonly [Shape]
  | { readonly [field: string]: Shape }

export const nullable = (shape: Shape): Shape => ({ nullable: shape })

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/

/** Where a value is not as its shape says, in words; empty when it is. */
export const findMismatches = (value: unknown, shape: Shape, path = '$'): string[] => {
  const isNot = (what: string): string[] => [`${path} is ${JSON.stringify(value)}, not ${what}`]
  if (shape === 'time') return typeof value === 'string' && TIME.test(value) ? [] : isNot('a time')
  if (typeof shape === 'string') return typeof value === shape ? [] : isNot(`a ${shape}`)
  if (Array.isArray(shape)) {
    if (!Array.isArray(value) || value.length === 0) return isNot('a list with something in it')
    return value.flatMap((each, index) => findMismatches(each, shape[0], `${path}[${index}]`))
  }
  if ('nullable' in shape) return value === null ? [] : findMismatches(value, shape.nullable as Shape, path)
  if (typeof value !== 'object' || value === null) return isNot('an object')
  return Object.entries(shape).flatMap(([field, of]) =>
    field in value
      ? findMismatches((value as Record<string, unknown>)[field], of as Shape, `${path}.${field}`)
      : [`${path}.${field} is missing`],
  )
}
