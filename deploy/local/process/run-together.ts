/**
 * Runs tasks at the same time. When one fails the others are aborted and waited for, so that nothing goes on behind the
 * caller's back; the first failure is thrown.
 */
export async function runTogether<Results extends readonly unknown[]>(
  signal: AbortSignal | undefined,
  tasks: { readonly [Index in keyof Results]: (signal: AbortSignal) => Promise<Results[Index]> },
): Promise<Results> {
  const failure = new AbortController()
  const together = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal])
  const running = tasks.map((task) => task(together))
  try {
    return (await Promise.all(running)) as unknown as Results
  } catch (error) {
    failure.abort(error)
    await Promise.allSettled(running)
    throw error
  }
}
