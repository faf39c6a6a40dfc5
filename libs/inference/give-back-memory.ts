/**
 * What the C library does with memory that was freed. glibc keeps it for whoever asks next; and a model that is opened and released
 * asks for some tens of megabytes in its own thread, which nobody asks for again before the next one: trees as they are read, what V8
 * compiles with. malloc_trim(3) gives whole pages of it back to the system.
 */
import { cFunction } from './c-function.ts'

let trim: ReturnType<typeof cFunction> | null = null

/**
 * Gives back what was freed, in another thread; some milliseconds. False where there is no such thing: another system, another C library.
 * Never rejects.
 */
export const giveBackMemory = async (): Promise<boolean> => {
  if (process.platform !== 'linux') return false
  try {
    trim ??= cFunction('int malloc_trim(size_t keep)')
    const { async: run } = await trim
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    run(0, (error: unknown, isGiven: number) => (error ? reject(error) : resolve(isGiven)))
    return (await promise) === 1
  } catch {
    return false
  }
}
