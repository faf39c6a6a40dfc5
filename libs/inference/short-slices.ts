/**
 * How soon a thread that wakes up has a core on which another runs. Linux gives threads slices of time, some milliseconds as a rule, and
 * lets whoever runs go on to the end of its own; one that asked for shorter slices than the one that runs goes first at once, as far as it
 * has not had more than its share. From Linux 6.12 on a thread may ask for that without any privilege: `sched_runtime` of
 * sched_setattr(2), see "EEVDF scheduler" in the kernel's documents.
 */
import { cFunction } from './c-function.ts'

/** The shortest that Linux gives. */
const SHORTEST_NS = 100_000n

/** Numbers of the system calls; C libraries have no functions for them, or only since lately. */
const callsOf: Partial<Record<NodeJS.Architecture, { get: number; set: number }>> = {
  x64: { get: 315, set: 314 },
  arm64: { get: 275, set: 274 },
}

/** The kernel's `struct sched_attr`, in its second version. */
const attributes = { bytes: 56, policy: 4, flags: 8, runtime: 24 }
/** SCHED_OTHER and SCHED_BATCH: those whose threads have slices. */
const policiesWithSlices = [0, 3]
/** SCHED_FLAG_RESET_ON_FORK: threads that this one starts have slices as usual. */
const RESET_ON_FORK = 1n

/**
 * The calling thread has short slices from now on, and is so let run as soon as it wakes up. False where there is no such thing: elsewhere
 * than on Linux, before 6.12, where a sandbox forbids it, or where the operator has chosen another policy of scheduling.
 */
export const takeShortSlices = async (): Promise<boolean> => {
  const calls = callsOf[process.arch]
  if (process.platform !== 'linux' || !calls) return false
  try {
    const call = await cFunction('long syscall(long number, int thread, void *attributes, uint a, uint b)')
    const found = Buffer.alloc(attributes.bytes)
    const look = (): boolean => call(calls.get, 0, found, found.length, 0) === 0
    if (!look() || !policiesWithSlices.includes(found.readUInt32LE(attributes.policy))) return false
    found.writeBigUInt64LE(found.readBigUInt64LE(attributes.flags) | RESET_ON_FORK, attributes.flags)
    found.writeBigUInt64LE(SHORTEST_NS, attributes.runtime)
    // Older kernels take it, and do nothing.
    return (
      call(calls.set, 0, found, 0, 0) === 0 &&
      look() &&
      found.readBigUInt64LE(attributes.runtime) === SHORTEST_NS
    )
  } catch {
    // There is no native part of the package for this system.
    return false
  }
}
