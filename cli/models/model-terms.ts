/**
 * Which version served a system when, and why: from the events of models alone, as the log has them. Pure.
 *
 * A promotion's term lasts until the next one that was not refused: what every predictor refuses ends nobody's term, since
 * the model before it goes on answering.
 */

/** A record of model-promoted, with the trigger that led to it. */
export interface Promotion {
  modelName: string
  modelVersion: string
  promotedAt: number
  previousVersion: string | null
  reason: string
  metrics: Record<string, number>
  /** Null: a person's promotion. */
  triggerId: string | null
  /** Null where the trigger is not known, too. */
  trigger: Trigger | null
}

export interface Trigger {
  cause: string
  triggeredAt: number
  requestedBy: string | null
  evidence: Record<string, number>
}

/** A predictor's answer to a promotion. */
export interface Answer {
  modelVersion: string
  promotedAt: number
  replicaId: string
  isActivated: boolean
  answeredAt: number
  /** Why it refuses. */
  detail: string | null
}

export interface Term extends Promotion {
  /** `refused`: by every predictor that has answered; it has never served. */
  state: 'serves' | 'served' | 'refused'
  /** Null while it serves, and where it was refused. */
  until: number | null
  /** The version that came after it. */
  untilVersion: string | null
  answers: Omit<Answer, 'modelVersion' | 'promotedAt'>[]
}

/** Oldest first. */
export const termsOf = (promotions: readonly Promotion[], answers: readonly Answer[]): Term[] => {
  const inOrder = promotions.toSorted((a, b) => a.promotedAt - b.promotedAt)
  const answered = inOrder.map((promotion) => ({
    promotion,
    answers: answers
      .filter((answer) => isAnswerTo(promotion, answer))
      .toSorted((a, b) => a.answeredAt - b.answeredAt)
      .map(({ modelVersion: _version, promotedAt: _at, ...answer }) => answer),
  }))
  const isRefused = (given: Term['answers']): boolean =>
    given.length > 0 && !given.some(({ isActivated }) => isActivated)
  return answered.map(({ promotion, answers: given }, index) => {
    const common = { ...promotion, answers: given }
    if (isRefused(given)) return { ...common, state: 'refused', until: null, untilVersion: null }
    const next = answered.slice(index + 1).find((later) => !isRefused(later.answers))?.promotion
    return next
      ? { ...common, state: 'served', until: next.promotedAt, untilVersion: next.modelVersion }
      : { ...common, state: 'serves', until: null, untilVersion: null }
  })
}

const isAnswerTo = (promotion: Promotion, answer: Answer): boolean =>
  answer.promotedAt === promotion.promotedAt && answer.modelVersion === promotion.modelVersion

/** The term that a moment lies in; null before the first. */
export const termAt = (terms: readonly Term[], at: number): Term | null =>
  terms.find(
    ({ state, promotedAt, until }) =>
      state !== 'refused' && promotedAt <= at && (until === null || at < until),
  ) ?? null

export interface ReplicaAtMoment {
  replicaId: string
  modelVersion: string
  since: number
}

/**
 * With what each predictor answered at a moment. One that had taken up neither the version that was promoted then nor the
 * one before it counts as gone: nobody says farewell.
 */
export const replicasAt = (terms: readonly Term[], at: number): ReplicaAtMoment[] => {
  const live = termAt(terms, at)
  if (!live) return []
  const before = terms.findLast(
    ({ state, promotedAt }) => state !== 'refused' && promotedAt < live.promotedAt,
  )
  const newest = new Map<string, ReplicaAtMoment>()
  for (const term of [...(before ? [before] : []), live])
    for (const { replicaId, isActivated, answeredAt } of term.answers)
      if (isActivated && answeredAt <= at)
        newest.set(replicaId, { replicaId, modelVersion: term.modelVersion, since: answeredAt })
  return [...newest.values()].sort((a, b) => (a.replicaId < b.replicaId ? -1 : 1))
}

/** What was promoted up to a moment and refused, since the term that the moment lies in began. */
export const refusedSince = (terms: readonly Term[], live: Term, at: number): Term[] =>
  terms.filter(
    ({ state, promotedAt }) => state === 'refused' && promotedAt > live.promotedAt && promotedAt <= at,
  )

export type RollbackTarget = { modelVersion: string } | { problem: string }

/**
 * The version to go back to: that which was live at a moment; without one, that which served before the newest promotion. A
 * rollback is a promotion too, so a second one goes back to where the first began: it undoes it.
 */
export const chooseRollback = (terms: readonly Term[], to: number | null): RollbackTarget => {
  const newest = terms.at(-1)
  if (!newest) return { problem: 'nothing has been promoted yet: `velocast train` asks for the first model' }
  if (to !== null) {
    const live = termAt(terms, to)
    if (live) return { modelVersion: live.modelVersion }
    const first = terms.find(({ state }) => state !== 'refused')
    return {
      problem: `nothing was live at ${new Date(to).toISOString()}: ${
        first
          ? `the first model was promoted at ${new Date(first.promotedAt).toISOString()}`
          : 'every model was refused'
      }`,
    }
  }
  const previous = terms.findLast(
    ({ state, modelVersion }) => state !== 'refused' && modelVersion !== newest.modelVersion,
  )
  return previous
    ? { modelVersion: previous.modelVersion }
    : { problem: `version ${newest.modelVersion} is the only one that has ever served: \`velocast models\`` }
}
