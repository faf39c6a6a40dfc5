/** What a test may break on purpose. */
export interface Faults {
  /** `down` answers 503, `frozen` repeats what was known when it was set, `garbage` sends half a document, `slow` waits. */
  feed: 'down' | 'frozen' | 'garbage' | 'slow' | null
  weather: 'down' | 'garbage' | 'slow' | null
}

export const NO_FAULTS: Faults = { feed: null, weather: null }

/** Longer than a patient client waits. */
export const SLOW_MS = 30_000
