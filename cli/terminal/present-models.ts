import { refusedSince, replicasAt, type Term, termAt } from '../models/model-terms.ts'
import { alignColumns } from './align-columns.ts'

/** The versions that were promoted, newest first, the one that serves marked: a line each. */
export const presentTerms = (terms: readonly Term[], limit: number): string[] => {
  if (terms.length === 0) return ['none yet: `velocast train` asks for the first']
  const newestFirst = terms.toReversed().slice(0, limit)
  const rows = newestFirst.map((term) => [
    term.state === 'serves' ? '→' : ' ',
    term.modelVersion,
    minute(term.promotedAt),
    term.until === null ? (term.state === 'serves' ? 'now' : 'refused') : minute(term.until),
    byWhom(term),
    firstSentence(term.reason),
  ])
  return [
    ...alignColumns([[' ', 'version', 'promoted at', 'until', 'by', 'reason'], ...rows]),
    ...(terms.length > limit ? [`and ${terms.length - limit} older ones: --limit ${terms.length}`] : []),
  ]
}

/** What was live at a moment, and why. */
export const presentMoment = (systemId: string, terms: readonly Term[], at: number): string[] => {
  const live = termAt(terms, at)
  if (!live) {
    const first = terms[0]
    return [
      `${systemId} at ${second(at)}: no model was live; ${
        first ? `the first was promoted at ${second(first.promotedAt)}` : 'none has been promoted yet'
      }`,
    ]
  }
  const { trigger, triggerId, metrics, previousVersion } = live
  const line = (title: string, text: string): string => `  ${title.padEnd(9)} ${text}`
  const replicas = replicasAt(terms, at)
  return [
    `${systemId} at ${second(at)}: version ${live.modelVersion} of ${live.modelName}`,
    line('promoted', `${second(live.promotedAt)}${previousVersion ? ` in place of ${previousVersion}` : ''}`),
    line(
      'until',
      live.until === null ? 'now' : `${second(live.until)}, when ${live.untilVersion} was promoted`,
    ),
    line('by', triggerId === null ? byWhom(live) : `${byWhom(live)}, trigger ${triggerId}`),
    line('reason', live.reason),
    ...(trigger && Object.keys(trigger.evidence).length > 0
      ? [line('trigger', figuresIn(trigger.evidence))]
      : []),
    ...(Object.keys(metrics).length > 0 ? [line('evidence', figuresIn(metrics))] : []),
    ...(replicas.length === 0 ? [line('answered', 'no predictor had said that it answers with it')] : []),
    ...replicas.map(({ replicaId, modelVersion, since }) =>
      line(
        'answered',
        `${replicaId} with version ${modelVersion} since ${second(since)}${
          modelVersion === live.modelVersion ? '' : `, and not yet with ${live.modelVersion}`
        }`,
      ),
    ),
    ...refusedSince(terms, live, at).map((term) =>
      line(
        'refused',
        `version ${term.modelVersion}, promoted ${second(term.promotedAt)}: ${term.answers[0]?.detail ?? ''}`,
      ),
    ),
  ]
}

const CAUSES: Record<string, string> = { DAILY: 'daily', LOST_SKILL: 'lost skill', MANUAL: 'by hand' }

const byWhom = ({ trigger, triggerId }: Term): string => {
  if (trigger) {
    const cause = CAUSES[trigger.cause] ?? trigger.cause
    return trigger.requestedBy ? `${cause} (${trigger.requestedBy})` : cause
  }
  return triggerId ?? 'a person'
}

/** The figures over all rows and those of the comparison first; those of single horizons are in --json. */
const figuresIn = (figures: Record<string, number>): string =>
  Object.entries(figures)
    .filter(([name]) => !/_[\d.]+h$/.test(name) || name.startsWith('gain'))
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(', ')

const firstSentence = (text: string): string => text.split(/(?<=\.) (?=[A-Z])/)[0]!.replace(/\.$/, '')

const minute = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
const second = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
