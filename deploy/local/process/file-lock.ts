import { spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Runs `work` while holding an exclusive lock on `path`. The lock is the kernel's, held by a small `flock` process whose
 * input is ours: it falls with us however we end, so a lock is never left behind and never has to be broken.
 */
export async function withFileLock<Result>(
  path: string,
  options: { readonly signal?: AbortSignal | undefined; readonly onWait?: () => void },
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true })
  const holder = spawn('flock', [path, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  })
  const release = () => holder.stdin.end()
  holder.stdin.on('error', () => {})

  const waiting = setTimeout(() => options.onWait?.(), 500)
  try {
    await new Promise<void>((resolve, reject) => {
      const abort = () => {
        holder.kill()
        reject(options.signal?.reason)
      }
      options.signal?.addEventListener('abort', abort, { once: true })
      const settle = (end: () => void) => {
        options.signal?.removeEventListener('abort', abort)
        end()
      }
      holder.stdout.once('data', () => settle(resolve))
      holder.once('error', (error) =>
        settle(() => reject(new Error(`Cannot run flock (package util-linux): ${error.message}`))),
      )
      holder.once('exit', (code) =>
        settle(() => reject(new Error(`The lock ${path} cannot be taken (flock ended with ${code})`))),
      )
    })
    clearTimeout(waiting)
    return await work()
  } finally {
    clearTimeout(waiting)
    release()
  }
}
