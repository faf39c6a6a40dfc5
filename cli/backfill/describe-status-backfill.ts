import type { StatusBackfillResult } from '@velocast/producers'

/** What a back-fill of recorded snapshots did, and what to do next. */
export const describeStatusBackfill = (
  systemId: string,
  { polls, observations, resumed, rejected, leftOut, firstAt, lastAt, needsReplay }: StatusBackfillResult,
): string[] => {
  const lines = [
    `${observations} observations of ${polls} snapshots published; ${resumed} were there already`,
  ]
  if (rejected > 0) lines.push(`${rejected} entries could not be used: their numbers cannot be true`)
  if (leftOut > 0)
    lines.push(
      `${leftOut} snapshots are left out: unreadable, or too far out of order (extract the archive and name its folder: files are sorted)`,
    )
  if (needsReplay && firstAt !== null && lastAt !== null)
    lines.push(
      `The features processor has gone past these already. They are computed by:\n` +
        `  velocast replay --system ${systemId} --from ${isoTime(firstAt)} --to ${isoTime(lastAt + 1)} --write`,
    )
  return lines
}

const isoTime = (at: number): string => new Date(at).toISOString()
