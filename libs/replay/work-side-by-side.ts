export interface SideBySide {
  /** Begins a piece of work once there is room for it; rejects when an earlier piece has failed. */
  add: (work: () => Promise<void>) => Promise<void>
  /** Resolves when all is done, rejects when a piece failed; either way nothing is under way any more. */
  finish: () => Promise<void>
}

/**
 * Does pieces of work side by side, at most `limit` at once. `onDone` is called once for each, in the order in which they
 * were added: when the third of them is reported, the first and the second are done too.
 */
export const workSideBySide = (limit: number, onDone: (index: number) => void): SideBySide => {
  const underWay = new Set<Promise<void>>()
  const done = new Set<number>()
  let added = 0
  let reported = 0
  let failure: { error: unknown } | null = null

  const begin = async (index: number, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
      done.add(index)
      while (done.delete(reported)) {
        onDone(reported)
        reported += 1
      }
    } catch (error) {
      failure ??= { error }
    }
  }

  return {
    async add(work) {
      while (underWay.size >= limit) await Promise.race(underWay)
      if (failure) throw failure.error
      const piece = begin(added, work)
      added += 1
      underWay.add(piece)
      void piece.then(() => underWay.delete(piece))
    },
    async finish() {
      await Promise.all(underWay)
      if (failure) throw failure.error
    },
  }
}
