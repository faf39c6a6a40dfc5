import { setTimeout as pause } from 'node:timers/promises'

/** Asks again and again until `isTrue`; a question that throws counts as no. Returns false at the deadline. */
export async function waitUntil(
  isTrue: () => Promise<boolean>,
  options: {
    readonly deadlineMs: number
    readonly intervalMs?: number
    readonly signal?: AbortSignal | undefined
  },
): Promise<boolean> {
  const endsAt = performance.now() + options.deadlineMs
  while (true) {
    options.signal?.throwIfAborted()
    if (await isTrue().catch(() => false)) return true
    if (performance.now() >= endsAt) return false
    await pause(
      options.intervalMs ?? 50,
      undefined,
      options.signal === undefined ? {} : { signal: options.signal },
    )
  }
}
