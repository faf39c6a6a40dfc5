/** `working` lines may repeat; every subject ends with one `done`, or the call that reports it throws. */
export interface StackProgress {
  readonly server: string
  readonly state: 'working' | 'done'
  readonly detail: string
  /** Since the subject's first line. */
  readonly seconds: number
}

export type OnProgress = (progress: StackProgress) => void

export interface Reporter {
  working(detail: string): void
  done(detail: string): void
}

/** A reporter for one subject, which counts its seconds. */
export function reportOn(server: string, onProgress: OnProgress | undefined): Reporter {
  const startedAt = performance.now()
  const report = (state: StackProgress['state'], detail: string) =>
    onProgress?.({ server, state, detail, seconds: (performance.now() - startedAt) / 1000 })
  return { working: (detail) => report('working', detail), done: (detail) => report('done', detail) }
}
