/**
 * Holds back whoever asks, so that no more than `perSecond` things are done a second, counted from the start; Infinity
 * holds nobody back. After a pause of its own the asker may catch up by one second's worth, and no more.
 */
export const keepPace = ({
  perSecond,
  now,
  wait,
}: {
  perSecond: number
  /** Milliseconds. */
  now: () => number
  wait: (ms: number) => Promise<unknown>
}): ((count: number) => Promise<void>) => {
  let dueAt = now()
  return async (count) => {
    if (!Number.isFinite(perSecond)) return
    dueAt = Math.max(dueAt, now() - 1_000)
    if (dueAt > now()) await wait(dueAt - now())
    dueAt += (count / perSecond) * 1_000
  }
}
