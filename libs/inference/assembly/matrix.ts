/**
 * Operators of a graph on matrices of floats, rows by few columns, in AssemblyScript: compiled into `generated/matrix.wasm` by
 * `generate.ts`. For some rows at a time; who calls has put into the memory what `../matrix-memory.ts` describes.
 */

import {
  OPERATOR_ADD,
  OPERATOR_CLIP,
  OPERATOR_DIV,
  OPERATOR_EXP,
  OPERATOR_GATHER,
  OPERATOR_IS_NAN,
  OPERATOR_MAT_MUL,
  OPERATOR_MAX,
  OPERATOR_MUL,
  OPERATOR_REDUCE_SUM,
  OPERATOR_SIGMOID,
  OPERATOR_SUB,
  OPERATOR_WHERE,
} from './operators'

/** As JavaScript has it. */
// @ts-ignore: decorator
@external('env', 'exp')
declare function exp(x: f64): f64

/**
 * Runs one instruction, sixteen words: the operator, whether there is a row for each of `rows` or one for all, the columns of what
 * comes out and its place; of each of three operands the place and how far it is to the next row and column; the inner length of
 * a product or a sum. Distances are bytes, 0 where one number stands for all.
 */
export function execute(instruction: usize, rows: i32): void {
  const operator = load<i32>(instruction)
  const count = load<i32>(instruction, 4) ? rows : 1
  const columns = load<i32>(instruction, 8)
  let into = <usize>load<u32>(instruction, 12)
  let a = <usize>load<u32>(instruction, 16)
  const rowA = load<i32>(instruction, 20)
  const columnA = load<i32>(instruction, 24)
  let b = <usize>load<u32>(instruction, 28)
  const rowB = load<i32>(instruction, 32)
  const columnB = load<i32>(instruction, 36)
  let c = <usize>load<u32>(instruction, 40)
  const rowC = load<i32>(instruction, 44)
  const columnC = load<i32>(instruction, 48)
  const inner = load<i32>(instruction, 52)
  if (operator == OPERATOR_MAT_MUL) multiply(into, count, columns, a, rowA, columnA, b, rowB, columnB, inner)
  else if (operator == OPERATOR_REDUCE_SUM) sumRows(into, count, a, rowA, columnA, inner)
  else if (operator == OPERATOR_GATHER) gather(into, count, columns, a, rowA, b)
  // Rows of one number are one run.
  else if (columns == 1) along(operator, into, count, a, rowA, b, rowB, c, rowC)
  else
    for (let row = 0; row < count; row++) {
      along(operator, into, columns, a, columnA, b, columnB, c, columnC)
      into += <usize>columns << 2
      a += rowA
      b += rowB
      c += rowC
    }
}

function along(
  operator: i32,
  into: usize,
  length: i32,
  a: usize,
  stepA: i32,
  b: usize,
  stepB: i32,
  c: usize,
  stepC: i32,
): void {
  const end = into + (<usize>length << 2)
  switch (operator) {
    case OPERATOR_ADD:
      for (; into < end; into += 4, a += stepA, b += stepB) store<f32>(into, load<f32>(a) + load<f32>(b))
      break
    case OPERATOR_SUB:
      for (; into < end; into += 4, a += stepA, b += stepB) store<f32>(into, load<f32>(a) - load<f32>(b))
      break
    case OPERATOR_MUL:
      for (; into < end; into += 4, a += stepA, b += stepB) store<f32>(into, load<f32>(a) * load<f32>(b))
      break
    case OPERATOR_DIV:
      for (; into < end; into += 4, a += stepA, b += stepB) store<f32>(into, load<f32>(a) / load<f32>(b))
      break
    case OPERATOR_MAX:
      for (; into < end; into += 4, a += stepA, b += stepB)
        store<f32>(into, max<f32>(load<f32>(a), load<f32>(b)))
      break
    case OPERATOR_CLIP:
      for (; into < end; into += 4, a += stepA, b += stepB, c += stepC)
        store<f32>(into, min<f32>(max<f32>(load<f32>(a), load<f32>(b)), load<f32>(c)))
      break
    case OPERATOR_IS_NAN:
      for (; into < end; into += 4, a += stepA) {
        const value = load<f32>(a)
        store<f32>(into, <f32>(value != value))
      }
      break
    case OPERATOR_WHERE:
      for (; into < end; into += 4, a += stepA, b += stepB, c += stepC)
        store<f32>(into, load<f32>(a) != 0 ? load<f32>(b) : load<f32>(c))
      break
    case OPERATOR_SIGMOID:
      for (; into < end; into += 4, a += stepA) store<f32>(into, <f32>(1 / (1 + exp(-(<f64>load<f32>(a))))))
      break
    case OPERATOR_EXP:
      for (; into < end; into += 4, a += stepA) store<f32>(into, <f32>exp(<f64>load<f32>(a)))
      break
  }
}

/** Sums are doubles until they are whole. */
function multiply(
  into: usize,
  rows: i32,
  columns: i32,
  a: usize,
  rowA: i32,
  columnA: i32,
  b: usize,
  rowB: i32,
  columnB: i32,
  inner: i32,
): void {
  for (let row = 0; row < rows; row++, a += rowA)
    for (let column = 0; column < columns; column++, into += 4) {
      let sum: f64 = 0
      let atA = a
      let atB = b + <usize>(column * columnB)
      for (let at = 0; at < inner; at++, atA += columnA, atB += rowB)
        sum += <f64>load<f32>(atA) * <f64>load<f32>(atB)
      store<f32>(into, <f32>sum)
    }
}

function sumRows(into: usize, rows: i32, a: usize, rowA: i32, columnA: i32, inner: i32): void {
  for (let row = 0; row < rows; row++, a += rowA, into += 4) {
    let sum: f64 = 0
    let at = a
    for (let column = 0; column < inner; column++, at += columnA) sum += <f64>load<f32>(at)
    store<f32>(into, <f32>sum)
  }
}

/** `chosen` says, in bytes, where the columns are. */
function gather(into: usize, rows: i32, columns: i32, a: usize, rowA: i32, chosen: usize): void {
  for (let row = 0; row < rows; row++, a += rowA)
    for (let column = 0; column < columns; column++, into += 4)
      store<f32>(into, load<f32>(a + <usize>load<u32>(chosen + (<usize>column << 2))))
}
