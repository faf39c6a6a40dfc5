import type { PromotionRule } from './promotion/decide-promotion.ts'

/** Of a search for hyper-parameters, whichever ends first; no trials are no search. */
export interface SearchBounds {
  trials: number
  minutes: number
}

/** What an installation may change of its trainings. */
export interface TrainingSettings {
  databaseUrl: string
  mlflowUrl: string
  /** The interpreter of the trainer's environment. */
  trainerPython: string
  workFolder: string
  historyDays: number
  maxRows: number
  trees: number
  boosters: readonly string[]
  threads: number
  search: SearchBounds
  /** Of each child process. */
  timeoutMs: number
  /** After the end of a training that came to a decision: skill that is lost meanwhile is no reason for another. */
  coolDownMs: number
  promotionRule: PromotionRule
}

/** By target time, oldest first; the gap keeps a week's targets out of both sides. */
export const SPLIT = { train: 0.7, early: 0.15, test: 0.15, gapHours: 168 } as const
export const SEED = 1

/** How much of the judgements of a rule that vetoes may be failures; see decide-veto.ts. */
export const VETO = { historyShare: 0.2, lastDayShare: 0.5, leastJudged: 8 } as const
