import { createPredictor, type Predictor, type SystemPredictor } from './predictor.ts'
import { aboutSystem } from './v1/answer-head.ts'
import { createForecastWriter } from './v1/forecast-writer.ts'
import { quantities } from './v1/quantities.ts'
import { mediaTypes } from './v1/send-answer.ts'
import { stationIdsOf } from './v1/station-directory.ts'
import { streamForecasts } from './v1/stream-forecasts.ts'

/** Of all systems together: a third of a second later there, but quicker from the first answer on. */
const LONGEST_MS = 300

/**
 * Answers for the stations that are known, to nobody, before anybody can ask: code that the machine has not compiled yet holds the
 * event loop ten times as long, and is compiled while probes wait. They count nowhere. Never rejects: what cannot be answered
 * now is told to who asks.
 */
export const warmUpAnswers = async (
  { systems, clock, staleAfterMs }: Predictor,
  monotonicNow = (): number => performance.now(),
): Promise<void> => {
  const uncounted = createPredictor(systems, clock, staleAfterMs)
  const endsAt = monotonicNow() + LONGEST_MS
  for (const system of systems.values())
    if (system.holder.current())
      await answerUntil(() => monotonicNow() >= endsAt, system, uncounted).catch(() => {})
}

const answerUntil = async (
  isOver: () => boolean,
  system: SystemPredictor,
  predictor: Predictor,
): Promise<void> => {
  const { knowledge } = system
  const about = aboutSystem(system, predictor)
  const pieces = streamForecasts({
    predictor,
    system,
    stationIds: stationIdsOf(knowledge),
    query: { hours: 24, step_minutes: 60, quantity: [...quantities] },
    writer: await createForecastWriter(mediaTypes.json, knowledge, quantities, about),
    now: about.now,
  })
  for await (const _ of pieces) if (isOver()) return
}
