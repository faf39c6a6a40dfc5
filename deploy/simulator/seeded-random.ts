/**
 * Randomness that is a function of its key: the same seed and the same key give the same numbers, whatever was drawn
 * before. This is what lets the city be asked for any moment, in any order.
 */

/** Draws from [0, 1). */
export type Draw = () => number

const mix = (hash: number, word: number): number => {
  let k = Math.imul(word, 0xcc9e2d51)
  k = (k << 15) | (k >>> 17)
  let h = hash ^ Math.imul(k, 0x1b873593)
  h = (h << 13) | (h >>> 19)
  return (Math.imul(h, 5) + 0xe6546b64) | 0
}

const finish = (hash: number): number => {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** A 32-bit hash of whole numbers (MurmurHash3's mixing); each is taken modulo 2^32. */
export const hashOf = (seed: number, a: number, b = 0, c = 0): number =>
  finish(mix(mix(mix(mix(0x9747b28c, seed), a), b), c))

/** One number in [0, 1) for a key. */
export const fractionOf = (seed: number, a: number, b = 0, c = 0): number =>
  hashOf(seed, a, b, c) / 4_294_967_296

/** A stream of numbers for a key (mulberry32, seeded by the hash of the key). */
export const drawsFor = (seed: number, a: number, b = 0): Draw => {
  let state = hashOf(seed, a, b)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A Poisson count, by products of uniforms; means above 400 are split, for exp(-mean) must not vanish. */
export const poissonFrom = (draw: Draw, mean: number): number => {
  if (mean > 400) return poissonFrom(draw, mean / 2) + poissonFrom(draw, mean / 2)
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = draw(); product > limit; product *= draw()) count++
  return count
}

/** A standard normal deviate (Box and Muller). */
export const normalFrom = (draw: Draw): number =>
  Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())

/** A number from text, so that a seed may be a word. */
export const seedFrom = (text: string): number => {
  let hash = 0x9747b28c
  for (let i = 0; i < text.length; i++) hash = mix(hash, text.charCodeAt(i))
  return finish(hash)
}
