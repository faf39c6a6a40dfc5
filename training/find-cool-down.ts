import type { TrainingTrigger } from '@velocast/schemas'

const MINUTE_MS = 60_000

/**
 * Why a trigger comes too soon after the system's last training that came to a decision; null: it does not. Only skill that
 * is lost waits: what has just been trained on the newest data will not be better for being trained again, while a person
 * and the calendar have reasons of their own. A trigger from before that end comes too soon as well: what it tells of is
 * what the training was about.
 */
export const findCoolDown = (
  { cause, triggeredAt }: Pick<TrainingTrigger, 'cause' | 'triggeredAt'>,
  decidedAt: number | null,
  coolDownMs: number,
): string | null => {
  if (cause !== 'LOST_SKILL' || decidedAt === null || coolDownMs === 0) return null
  const agoMs = triggeredAt - decidedAt
  if (agoMs >= coolDownMs) return null
  const minutes = (ms: number): string => `${Math.round(ms / MINUTE_MS)} minutes`
  const when = agoMs < 0 ? 'before' : `${minutes(agoMs)} after`
  return (
    `cool-down: skill was found lost ${when} the end of the last training (${new Date(decidedAt).toISOString()}), and ` +
    `there are ${minutes(coolDownMs)} between the two at least; \`velocast train\` asks for one at once`
  )
}
