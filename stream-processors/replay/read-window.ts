import { ConfigError } from '@velocast/runtime'

/** A window in words, as a person gives it; without an end, `toMs` is null. Throws a ConfigError that lists every mistake. */
export const readWindow = (
  { from, to }: { from?: string | undefined; to?: string | undefined },
  now: number,
): { fromMs: number; toMs: number | null } => {
  const fromMs = Date.parse(from ?? '')
  const toMs = to === undefined ? null : Date.parse(to)
  const mistakes = [
    ...(Number.isNaN(fromMs) ? [`--from ${from ?? ''} is not a moment such as 2026-11-01T00:00:00Z`] : []),
    ...(toMs !== null && Number.isNaN(toMs)
      ? [`--to ${to} is not a moment such as 2026-11-01T00:00:00Z`]
      : []),
    ...(fromMs >= (toMs ?? now) ? ['--from must come before --to, which is now by default'] : []),
  ]
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return { fromMs, toMs }
}

const sources = ['auto', 'log', 'table'] as const

export const readSource = (given: string): (typeof sources)[number] => {
  const source = sources.find((each) => each === given)
  if (!source) throw new ConfigError([`--source ${given} is none of ${sources.join(', ')}`])
  return source
}

/** Rows a second; `max` is as fast as it goes. */
export const readRate = (given: string): number => {
  const rate = given === 'max' ? Number.POSITIVE_INFINITY : Number(given)
  if (!(rate > 0)) throw new ConfigError([`--rate ${given} is neither a number of rows a second nor max`])
  return rate
}

/** A month of 2,300 stations at a quarter of an hour in five minutes, and room beside it for the sink. */
export const defaultRate = '25000'
