import type { Severity, StationStatus } from '@velocast/schemas'

/** What becomes of an observation that breaks a rule on it. */
export type ObservationSeverity =
  /** Nothing is made of it: the features processor refuses it, with the rule's name as the reason. */
  | 'dead-letter'
  /** It is used; the station is named when it begins and when it ends. */
  | 'flag'
  /** It is used; only how many there are is kept. */
  | 'count'

/** A rule on one observation alone, and on how many of a poll's stations may break it. */
export interface ObservationRule {
  /** Kebab case; never changed once records of it exist. */
  readonly name: string
  readonly title: string
  readonly severity: ObservationSeverity
  /** What is wrong with the observation, in words; null: nothing. Pure, and quick: it is asked of every observation. */
  readonly find: (status: StationStatus) => string | null
  /** The share of a poll's stations, in percent, from which on it is a warning, and a failure (null: never). */
  readonly warnAt: number
  readonly failAt: number | null
  /** Whether polls that fail it must not be trained on; training decides how much of it is too much. */
  readonly vetoesTraining: boolean
  readonly meaning: string
  readonly whatToDo: string
  /** Absent: nobody is woken. */
  readonly alert?: {
    readonly severity: Severity
    /** A failure that has lasted for so long raises the alert… */
    readonly afterMinutes: number
    /** … and when there has been none for so long, it is resolved. */
    readonly clearAfterMinutes: number
  }
}
