/**
 * The model in use. A request holds on to the model that it began with, so that a swap between two requests changes
 * no answer half-way; the old model is disposed of when the last request on it has ended.
 */
export interface ModelHolder<M> {
  readonly current: () => M | null
  /** Runs `work` with the model in use, or gives null when there is none yet. */
  readonly use: <R>(work: (model: M) => Promise<R>) => Promise<R> | null
  /**
   * Has `work` done before each swap, with the model that is to take over; what it resolves to is called at the swap. It
   * must not reject, and should end soon once the signal is aborted.
   */
  readonly beforeSwap: (work: (next: M, signal: AbortSignal) => Promise<() => void>) => void
  /** Does what is to be done before `next` takes over. What it resolves to is to be called together with `swap`. */
  readonly prepare: (next: M, signal: AbortSignal) => Promise<() => void>
  /** From the next request on `next` answers. Resolves when the old model's last request has ended and it is disposed of. */
  readonly swap: (next: M) => Promise<void>
  /** Takes the model away and disposes of it once it is free. */
  readonly close: () => Promise<void>
}

interface Holding<M> {
  model: M
  requests: number
  drained: PromiseWithResolvers<void>
  isRetired: boolean
}

export const createModelHolder = <M>(dispose: (model: M) => Promise<void>): ModelHolder<M> => {
  let current: Holding<M> | null = null
  const preparing: ((next: M, signal: AbortSignal) => Promise<() => void>)[] = []

  const retire = async (holding: Holding<M> | null): Promise<void> => {
    if (!holding) return
    holding.isRetired = true
    if (holding.requests === 0) holding.drained.resolve()
    await holding.drained.promise
    await dispose(holding.model)
  }

  const useOf = async <R>(holding: Holding<M>, work: (model: M) => Promise<R>): Promise<R> => {
    holding.requests++
    try {
      return await work(holding.model)
    } finally {
      holding.requests--
      if (holding.isRetired && holding.requests === 0) holding.drained.resolve()
    }
  }

  return {
    current: () => current?.model ?? null,
    beforeSwap: (work) => void preparing.push(work),
    prepare: async (next, signal) => {
      const ends = await Promise.all(preparing.map((work) => work(next, signal)))
      return () => {
        for (const end of ends) end()
      }
    },
    use: (work) => (current ? useOf(current, work) : null),
    swap: (next) => {
      const old = current
      current = { model: next, requests: 0, drained: Promise.withResolvers<void>(), isRetired: false }
      return retire(old)
    },
    close: () => {
      const old = current
      current = null
      return retire(old)
    },
  }
}
