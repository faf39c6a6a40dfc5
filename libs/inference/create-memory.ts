/** Gives at least so many floats, whatever was in them. */
export type Memory = (length: number) => Float32Array

/** The same floats each time, more of them where it takes more: what is made anew for each run has to be collected, too. */
export const createMemory = (): Memory => {
  let floats = new Float32Array(0)
  return (length) => {
    if (floats.length < length) floats = new Float32Array(2 ** Math.ceil(Math.log2(length)))
    return floats
  }
}
