/**
 * The value on the line through points with ascending places, that of the nearest end beyond them; as numpy's `interp`, to the
 * last bit, since what the trainer worked out in Python must come out here.
 */
export const interpolate = (at: number, places: readonly number[], values: readonly number[]): number => {
  const last = places.length - 1
  if (last < 0 || at >= places[last]!) return values[last] ?? 0
  if (!(at >= places[0]!)) return Number.isNaN(at) ? at : values[0]!
  let low = 0
  let high = last
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if (places[middle]! <= at) low = middle
    else high = middle
  }
  const slope = (values[low + 1]! - values[low]!) / (places[low + 1]! - places[low]!)
  return slope * (at - places[low]!) + values[low]!
}
