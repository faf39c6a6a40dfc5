/**
 * Reads an ONNX model as far as a model of trees needs: nodes, attributes and dense tensors, by the field numbers of
 * `onnx.proto`. What is unknown is passed over; whoever runs the graph decides what it can do without.
 */

/** A dense tensor. Whole numbers and booleans are numbers too: the graphs' lie far below 2^53. */
export interface GraphTensor {
  readonly dims: readonly number[]
  readonly values: ArrayLike<number>
}

export interface GraphNode {
  readonly operator: string
  /** '' is ONNX's own. */
  readonly domain: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly numbers: ReadonlyMap<string, number>
  readonly lists: ReadonlyMap<string, Float64Array>
  readonly texts: ReadonlyMap<string, readonly string[]>
  readonly tensors: ReadonlyMap<string, GraphTensor>
}

export interface OnnxGraph {
  /** In an order in which they can be run. */
  readonly nodes: readonly GraphNode[]
  readonly initializers: ReadonlyMap<string, GraphTensor>
  /** By name; a dimension that has a name instead of a size is null. */
  readonly inputs: ReadonlyMap<string, readonly (number | null)[]>
  readonly outputNames: readonly string[]
}

/** Throws where the bytes are not a model, or hold a tensor of another type than floats, whole numbers and booleans. */
export const readOnnx = (bytes: Uint8Array): OnnxGraph => {
  const nodes: GraphNode[] = []
  const initializers = new Map<string, GraphTensor>()
  const inputs = new Map<string, readonly (number | null)[]>()
  const outputNames: string[] = []
  let isFound = false
  for (const model of fieldsOf(bytes)) {
    if (model.number !== 7) continue
    isFound = true
    for (const { number, bytes: content } of fieldsOf(model.bytes))
      if (number === 1) nodes.push(readNode(content))
      else if (number === 5) {
        const { name, tensor } = readTensor(content)
        initializers.set(name, tensor)
      } else if (number === 11) {
        const { name, dims } = readValueInfo(content)
        inputs.set(name, dims)
      } else if (number === 12) outputNames.push(readValueInfo(content).name)
  }
  if (!isFound) throw new Error('the bytes hold no ONNX graph')
  return { nodes, initializers, inputs, outputNames }
}

const readNode = (bytes: Uint8Array): GraphNode => {
  const inputs: string[] = []
  const outputs: string[] = []
  const numbers = new Map<string, number>()
  const lists = new Map<string, Float64Array>()
  const texts = new Map<string, string[]>()
  const tensors = new Map<string, GraphTensor>()
  let operator = ''
  let domain = ''
  for (const field of fieldsOf(bytes))
    if (field.number === 1) inputs.push(text(field.bytes))
    else if (field.number === 2) outputs.push(text(field.bytes))
    else if (field.number === 4) operator = text(field.bytes)
    else if (field.number === 7) domain = text(field.bytes)
    else if (field.number === 5) readAttribute(field.bytes, { numbers, lists, texts, tensors })
  return { operator, domain, inputs, outputs, numbers, lists, texts, tensors }
}

const readAttribute = (
  bytes: Uint8Array,
  into: {
    numbers: Map<string, number>
    lists: Map<string, Float64Array>
    texts: Map<string, string[]>
    tensors: Map<string, GraphTensor>
  },
): void => {
  let name = ''
  const list = createList()
  const texts: string[] = []
  const cursor = { bytes, at: 0 }
  while (cursor.at < bytes.length) {
    // Most of a graph are whole numbers, each a field of its own.
    if (bytes[cursor.at] === TAG_OF_INTS) {
      cursor.at++
      list.push(takeWholeNumber(cursor))
      continue
    }
    const field = takeField(cursor)
    if (field.number === 1) name = text(field.bytes)
    else if (field.number === 2) into.numbers.set(name, floatOf(field.bytes, 0))
    else if (field.number === 3) into.numbers.set(name, field.value)
    else if (field.number === 4 || field.number === 9) texts.push(text(field.bytes))
    else if (field.number === 5) into.tensors.set(name, readTensor(field.bytes).tensor)
    else if (field.number === 7) for (const value of floatsOf(field.bytes)) list.push(value)
    else if (field.number === 8) addWholeNumbers(field, list)
  }
  const numbers = list.taken()
  if (numbers.length > 0) into.lists.set(name, numbers)
  if (texts.length > 0) into.texts.set(name, texts)
}

/** Numbers of which nobody knows how many will come: millions of them in arrays are moved again and again by V8's collector. */
const createList = () => {
  let values = new Float64Array(16)
  let length = 0
  return {
    push(value: number): void {
      if (length === values.length) {
        const more = new Float64Array(2 * length)
        more.set(values)
        values = more
      }
      values[length++] = value
    },
    taken: (): Float64Array => values.subarray(0, length),
  }
}

/** Field 8 of an attribute, not packed. */
const TAG_OF_INTS = 0x40

/** Data types of `TensorProto`. */
const FLOAT = 1
const UINT8 = 2
const INT32 = 6
const INT64 = 7
const BOOL = 9

const readTensor = (bytes: Uint8Array): { name: string; tensor: GraphTensor } => {
  const dims: number[] = []
  const whole: number[] = []
  const floats: number[] = []
  let raw: Uint8Array | null = null
  let type = 0
  let name = ''
  for (const field of fieldsOf(bytes))
    if (field.number === 1) addWholeNumbers(field, dims)
    else if (field.number === 2) type = field.value
    else if (field.number === 4) for (const value of floatsOf(field.bytes)) floats.push(value)
    else if (field.number === 5 || field.number === 7) addWholeNumbers(field, whole)
    else if (field.number === 8) name = text(field.bytes)
    else if (field.number === 9) raw = field.bytes
  return { name, tensor: { dims, values: raw ? rawValues(raw, type) : type === FLOAT ? floats : whole } }
}

const rawValues = (raw: Uint8Array, type: number): ArrayLike<number> => {
  if (type === FLOAT) return floatsOf(raw)
  if (type === UINT8 || type === BOOL) return raw
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  if (type === INT32) return Array.from({ length: raw.length / 4 }, (_, at) => view.getInt32(4 * at, true))
  if (type === INT64)
    return Array.from({ length: raw.length / 8 }, (_, at) => Number(view.getBigInt64(8 * at, true)))
  throw new Error(`a tensor of ONNX type ${type} cannot be read`)
}

const readValueInfo = (bytes: Uint8Array): { name: string; dims: (number | null)[] } => {
  const dims: (number | null)[] = []
  let name = ''
  for (const field of fieldsOf(bytes))
    if (field.number === 1) name = text(field.bytes)
    else if (field.number === 2)
      for (const tensorType of fieldsOf(field.bytes))
        if (tensorType.number === 1)
          for (const shape of fieldsOf(tensorType.bytes))
            if (shape.number === 2)
              for (const dim of fieldsOf(shape.bytes))
                if (dim.number === 1) {
                  const [size] = fieldsOf(dim.bytes)
                  dims.push(size?.number === 1 ? size.value : null)
                }
  return { name, dims }
}

interface Field {
  readonly number: number
  /** Of a whole number. */
  readonly value: number
  /** Of anything else. */
  readonly bytes: Uint8Array
}

const none = new Uint8Array(0)

/** The fields of a protobuf message, in turn. */
function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  const cursor = { bytes, at: 0 }
  while (cursor.at < bytes.length) yield takeField(cursor)
}

const takeField = (cursor: Cursor): Field => {
  const tag = takeWholeNumber(cursor)
  const number = Math.floor(tag / 8)
  const kind = tag % 8
  if (kind === 0) return { number, value: takeWholeNumber(cursor), bytes: none }
  if (kind !== 1 && kind !== 2 && kind !== 5) throw new Error('the bytes are no protobuf message')
  const length = kind === 2 ? takeWholeNumber(cursor) : kind === 1 ? 8 : 4
  const end = cursor.at + length
  if (end > cursor.bytes.length) throw new Error('the protobuf message is cut off')
  const field = { number, value: Number.NaN, bytes: cursor.bytes.subarray(cursor.at, end) }
  cursor.at = end
  return field
}

interface Cursor {
  readonly bytes: Uint8Array
  at: number
}

const takeWholeNumber = (cursor: Cursor): number => {
  let value = 0
  let scale = 1
  for (let digit = 0; digit < 10; digit++) {
    const byte = cursor.bytes[cursor.at++]
    if (byte === undefined) throw new Error('the protobuf message is cut off')
    value += (byte & 0x7f) * scale
    // Negative ones are written as 64-bit complements.
    if (byte < 0x80) return digit === 9 ? value - 2 ** 64 : value
    scale *= 128
  }
  throw new Error('the bytes are no protobuf message')
}

/** A repeated whole number: one of them, or all, packed. */
const addWholeNumbers = ({ value, bytes }: Field, into: { push: (value: number) => void }): void => {
  if (!Number.isNaN(value)) {
    into.push(value)
    return
  }
  const cursor = { bytes, at: 0 }
  while (cursor.at < bytes.length) into.push(takeWholeNumber(cursor))
}

const floatOf = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat32(at, true)

const floatsOf = (bytes: Uint8Array): Float32Array => {
  // A copy, since tensors lie anywhere in the bytes and floats only at every fourth.
  const copy = new Uint8Array(bytes)
  return new Float32Array(copy.buffer, 0, Math.floor(copy.length / 4))
}

const decoder = new TextDecoder()
const text = (bytes: Uint8Array): string => decoder.decode(bytes)
