/**
 * Writes the few ONNX messages that a test's model needs, so that tests build real graphs of any size without Python.
 * Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */

type Bytes = Uint8Array

const varint = (value: number): Bytes => {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

const tag = (field: number, wireType: number): Bytes => varint((field << 3) | wireType)
const int = (field: number, value: number): Bytes => Buffer.concat([tag(field, VARINT), varint(value)])
const bytes = (field: number, value: Bytes): Bytes =>
  Buffer.concat([tag(field, LENGTH_DELIMITED), varint(value.length), value])
const text = (field: number, value: string): Bytes => bytes(field, Buffer.from(value))
const message = (field: number, ...parts: Bytes[]): Bytes => bytes(field, Buffer.concat(parts))
const float = (field: number, value: number): Bytes =>
  Buffer.concat([tag(field, FIXED_32), floatBytes([value])])
const floatBytes = (values: ArrayLike<number>): Bytes => new Uint8Array(Float32Array.from(values).buffer)

export type Attribute =
  | { ints: readonly number[] }
  | { floats: readonly number[] }
  | { strings: readonly string[] }
  | { int: number }
  | { string: string }
  | { float: number }

const attribute = (name: string, value: Attribute): Bytes => {
  const FLOAT = 1
  const INT = 2
  const STRING = 3
  const FLOATS = 6
  const INTS = 7
  const STRINGS = 8
  const body = (type: number, ...parts: Bytes[]): Bytes => message(5, text(1, name), ...parts, int(20, type))
  if ('ints' in value) return body(INTS, bytes(8, Buffer.concat(value.ints.map(varint))))
  if ('floats' in value) return body(FLOATS, bytes(7, floatBytes(value.floats)))
  if ('strings' in value) return body(STRINGS, ...value.strings.map((each) => text(9, each)))
  if ('string' in value) return body(STRING, text(4, value.string))
  if ('float' in value) return body(FLOAT, float(2, value.float))
  return body(INT, int(3, value.int))
}

export interface OnnxNode {
  op: string
  /** Empty: the standard operators. */
  domain: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes?: Record<string, Attribute>
}

export interface OnnxGraph {
  nodes: readonly OnnxNode[]
  /** Float tensors of [rows, columns]. */
  inputs: readonly { name: string; columns: number }[]
  outputs: readonly { name: string; columns: number }[]
}

const node = (each: OnnxNode): Bytes =>
  message(
    1,
    ...each.inputs.map((name) => text(1, name)),
    ...each.outputs.map((name) => text(2, name)),
    text(4, each.op),
    ...Object.entries(each.attributes ?? {}).map(([name, value]) => attribute(name, value)),
    text(7, each.domain),
  )

const FLOAT_TENSOR = 1

const tensor = (field: number, { name, columns }: { name: string; columns: number }): Bytes =>
  message(
    field,
    text(1, name),
    message(
      2,
      message(1, int(1, FLOAT_TENSOR), message(2, message(1, text(2, 'rows')), message(1, int(1, columns)))),
    ),
  )

/** The bytes of an ONNX model with the graph. */
export const writeOnnx = (graph: OnnxGraph): Buffer =>
  Buffer.concat([
    int(1, 8),
    text(2, 'velocast tests'),
    message(
      7,
      ...graph.nodes.map(node),
      text(2, 'forecast'),
      ...graph.inputs.map((each) => tensor(11, each)),
      ...graph.outputs.map((each) => tensor(12, each)),
    ),
    message(8, text(1, ''), int(2, 17)),
    message(8, text(1, 'ai.onnx.ml'), int(2, 3)),
  ])
