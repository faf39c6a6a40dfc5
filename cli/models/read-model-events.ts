/** What the table model_events holds of a system: it follows the topics, of which model-promoted keeps only the newest. */
import type { Database } from '@velocast/db'
import type { Answer, Promotion } from './model-terms.ts'

export interface ModelEvent {
  happened_at: number
  event: string
  model_name: string
  model_version: string
  replica_id: string
  reason: string | null
  detail: string | null
}

/** Newest first. */
export const readModelEvents = async (
  database: Database,
  systemId: string,
  limit: number,
): Promise<ModelEvent[]> => {
  const { rows } = await database.query<ModelEvent>(
    `select happened_at, event, model_name, model_version, replica_id, reason, detail from model_events
     where system_id = $1 order by happened_at desc limit $2`,
    [systemId, limit],
  )
  return rows
}

export const readPromotions = async (database: Database, systemId: string): Promise<Promotion[]> => {
  const { rows } = await database.query<
    Omit<Promotion, 'trigger'> & {
      cause: string | null
      triggeredAt: number
      requestedBy: string | null
      evidence: Record<string, number>
    }
  >(
    `select model_name as "modelName", model_version as "modelVersion", promoted_at as "promotedAt",
       previous_version as "previousVersion", coalesce(reason, '') as reason, metrics, trigger_id as "triggerId",
       cause, triggered_at as "triggeredAt", requested_by as "requestedBy", evidence
     from model_events left join training_triggers using (system_id, trigger_id)
     where system_id = $1 and event = 'PROMOTED' order by promoted_at`,
    [systemId],
  )
  return rows.map(({ cause, triggeredAt, requestedBy, evidence, ...promotion }) => ({
    ...promotion,
    trigger: cause === null ? null : { cause, triggeredAt, requestedBy, evidence },
  }))
}

/** The predictors' answers, those of the training itself left out. */
export const readAnswers = async (database: Database, systemId: string): Promise<Answer[]> => {
  const { rows } = await database.query<Answer>(
    `select model_version as "modelVersion", promoted_at as "promotedAt", replica_id as "replicaId",
       event = 'ACTIVATED' as "isActivated", happened_at as "answeredAt",
       case when event = 'REJECTED' then concat_ws(': ', reason, detail) end as detail
     from model_events
     where system_id = $1 and event in ('ACTIVATED', 'REJECTED') and replica_id <> 'training'
     order by happened_at`,
    [systemId],
  )
  return rows
}
