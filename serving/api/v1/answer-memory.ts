/**
 * Bodies of answers beside V8's heap, in one piece of memory that is there from the start and is used anew. On the heap each would grow
 * old before the next report or model makes it untrue, and stay until all of the heap is marked; V8 lets it grow to several times what
 * is alive before it does that, and gives little back afterwards. A buffer of its own for each is a reason to mark the heap all the time.
 */

/** Text, or bytes of a format that is none. */
export type Body = string | Buffer

/** A body as it is written around the one number of it that time changes: its age. */
export interface WrittenBody {
  readonly before: Body
  /** What comes after the age; null where there is no age to be put in. */
  readonly after: string | null
}

/** The same in the memory. */
export interface KeptBody {
  readonly kind: 'ascii' | 'utf8' | 'bytes'
  /** Its first block. */
  readonly first: number
  readonly bytes: number
  /** Where the age is put in, bytes; null where there is none. */
  readonly ageAt: number | null
}

export interface AnswerMemory {
  /**
   * As long as there is no room for it, `freeOne` is to free another, and says whether there was one. Null where there is no room even so;
   * what is larger than the memory costs no other its place.
   */
  readonly keep: (body: WrittenBody, freeOne: () => boolean) => KeptBody | null
  /** The whole body as of now. `age` is in seconds. */
  readonly read: (kept: KeptBody, age: number | null) => Body
  /** Its place is another's from now on. */
  readonly free: (kept: KeptBody) => void
}

/** A body takes whole ones, anywhere: so room is room, however often bodies of all sizes have come and gone. */
export const BLOCK_BYTES = 2_048
/** An empty body has a place, too. */
export const blocksOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / BLOCK_BYTES))
const FIRST_BYTES = 32_768
const NONE = -1

/** Has at most so many bytes, and holds as much of the machine's as were ever in use at a time. */
export const createAnswerMemory = (maxBytes: number): AnswerMemory => {
  const blocks = Math.floor(maxBytes / BLOCK_BYTES)
  const memory = Buffer.allocUnsafeSlow(blocks * BLOCK_BYTES)
  /** Of each block the one behind it: of a body, or of those that are free, of which what was given back last is taken first. */
  const following = Int32Array.from({ length: blocks }, (_, block) => (block + 1 < blocks ? block + 1 : NONE))
  let firstFree = blocks > 0 ? 0 : NONE
  let free = blocks
  /** Where a body is put together. */
  let whole = Buffer.allocUnsafeSlow(FIRST_BYTES)
  const makeRoom = (bytes: number): void => {
    if (whole.length < bytes) whole = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytes)))
  }

  /** The body is in `whole` already. */
  const put = (kept: Omit<KeptBody, 'first'>, freeOne: () => boolean): KeptBody | null => {
    const needed = blocksOf(kept.bytes)
    if (needed > blocks) return null
    while (needed > free) if (!freeOne()) return null
    const first = firstFree
    let last = NONE
    for (let from = 0, block = first; from < needed * BLOCK_BYTES; from += BLOCK_BYTES) {
      whole.copy(memory, block * BLOCK_BYTES, from, Math.min(from + BLOCK_BYTES, kept.bytes))
      last = block
      block = following[block]!
    }
    firstFree = following[last]!
    following[last] = NONE
    free -= needed
    return { ...kept, first }
  }

  return {
    keep: ({ before, after }, freeOne) => {
      if (typeof before !== 'string') {
        makeRoom(before.length)
        before.copy(whole)
        return put({ kind: 'bytes', bytes: before.length, ageAt: null }, freeOne)
      }
      const characters = before.length + (after?.length ?? 0)
      // As many bytes as UTF-8 takes at most.
      makeRoom(3 * characters)
      const ageAt = whole.write(before)
      const bytes = ageAt + (after === null ? 0 : whole.write(after, ageAt))
      const kind = bytes === characters ? 'ascii' : 'utf8'
      return put({ kind, bytes, ageAt: after === null ? null : ageAt }, freeOne)
    },

    read: ({ kind, first, bytes, ageAt }, age) => {
      const between = ageAt === null ? '' : String(age)
      const end = between.length + bytes
      makeRoom(end + BLOCK_BYTES)
      let to = between.length
      for (let block = first; block !== NONE; block = following[block]!) {
        memory.copy(whole, to, block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES)
        to += BLOCK_BYTES
      }
      if (ageAt !== null) {
        whole.copyWithin(0, between.length, between.length + ageAt)
        whole.write(between, ageAt, 'latin1')
      }
      if (kind === 'bytes') return Buffer.from(whole.subarray(0, end))
      return whole.toString(kind === 'ascii' ? 'latin1' : 'utf8', 0, end)
    },

    free: ({ first, bytes }) => {
      let last = first
      while (following[last] !== NONE) last = following[last]!
      following[last] = firstFree
      firstFree = first
      free += blocksOf(bytes)
    },
  }
}
