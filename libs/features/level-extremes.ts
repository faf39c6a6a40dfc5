import { ringSlots } from './slots.ts'

/*
 * Minimum and maximum of the levels over any run of slots: a segment tree over the ring, whose leaves are the nodes
 * [ringSlots, 2·ringSlots). Unlike the usual monotonic queues it takes a value back (an open slot is overwritten, a late
 * reading amends an old one) at the cost of adding one, serves every window from one structure, and is a function of
 * the levels alone. A node is two Uint16: the minimum (`unknown` when no level is known below it), and the maximum plus
 * one (0 likewise).
 */
const unknown = 0xffff

/** A minimum and a maximum that runs of slots are added to. */
export interface Extremes {
  low: number
  /** The maximum plus one; 0 while there is none. */
  highPlusOne: number
}

export const createExtremesTree = (): Uint16Array => clearExtremes(new Uint16Array(4 * ringSlots))

export const clearExtremes = (tree: Uint16Array): Uint16Array => {
  for (let node = 0; node < tree.length; node += 2) {
    tree[node] = unknown
    tree[node + 1] = 0
  }
  return tree
}

/** Sets the level of the slot at a ring index; `unknown` levels are passed as -1. */
export const setLevelExtremes = (tree: Uint16Array, index: number, level: number): void => {
  let node = ringSlots + index
  let low = level < 0 ? unknown : level
  let high = level + 1
  // Nothing changes above a node that does not change, so this mostly ends after a step or two.
  while (node > 0 && (tree[2 * node] !== low || tree[2 * node + 1] !== high)) {
    tree[2 * node] = low
    tree[2 * node + 1] = high
    const sibling = node ^ 1
    low = Math.min(low, tree[2 * sibling]!)
    high = Math.max(high, tree[2 * sibling + 1]!)
    node >>= 1
  }
}

export const startExtremes = (extremes: Extremes): void => {
  extremes.low = unknown
  extremes.highPlusOne = 0
}

/** Adds the run of `slots` slots that ends `back` slots behind the newest. */
export const addExtremes = (
  { extremes: tree, newestIndex }: { readonly extremes: Uint16Array; readonly newestIndex: number },
  back: number,
  slots: number,
  extremes: Extremes,
): void => {
  const end = newestIndex - back + 1
  const first = end - slots
  addRange(tree, Math.max(first, 0), end, extremes)
  // What lies before index 0 lies at the end of the ring, the whole run when `end` does too.
  if (first < 0) addRange(tree, first + ringSlots, Math.min(end, 0) + ringSlots, extremes)
}

const addRange = (tree: Uint16Array, first: number, end: number, extremes: Extremes): void => {
  let { low, highPlusOne } = extremes
  let left = first + ringSlots
  let right = end + ringSlots
  while (left < right) {
    if (left & 1) {
      low = Math.min(low, tree[2 * left]!)
      highPlusOne = Math.max(highPlusOne, tree[2 * left + 1]!)
      left++
    }
    if (right & 1) {
      right--
      low = Math.min(low, tree[2 * right]!)
      highPlusOne = Math.max(highPlusOne, tree[2 * right + 1]!)
    }
    left >>= 1
    right >>= 1
  }
  extremes.low = low
  extremes.highPlusOne = highPlusOne
}
