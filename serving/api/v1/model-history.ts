import type { ModelActivated, ModelPromoted } from '@velocast/schemas'
import { Type } from 'typebox'
import { orNull, time } from '../api-schemas.ts'
import type { SystemRecords } from '../system-records.ts'
import type { TypedApp } from '../typed-app.ts'
import { addRecordList } from './add-record-list.ts'
import { number, text, time as timeColumn } from './table.ts'
import type { V1Context } from './v1-context.ts'

const Change = Type.Object({
  name: Type.String(),
  version: Type.String(),
  previous_version: orNull(Type.String({ description: 'that answered until then' })),
  promoted_at: time('of the promotion; the same version again is a rollback'),
  first_activated_at: orNull(time('at which the first server answered with it; null where none has said so')),
  servers: Type.Integer({ description: 'that have said that they answer with it' }),
  run_id: orNull(
    Type.String({ description: 'that trained it; null where the promotion is no longer on the log' }),
  ),
  reason: orNull(Type.String({ description: 'why; null where the promotion is no longer on the log' })),
  metrics: Type.Union([Type.Record(Type.String(), Type.Number()), Type.Null()]),
})

interface ModelChange {
  promotedAt: number
  name: string
  version: string
  promotion: ModelPromoted | null
  activations: ModelActivated[]
}

export const addModelHistory = (app: TypedApp, context: V1Context): void =>
  addRecordList(app, context, {
    path: 'model/history',
    name: 'changes',
    operationId: 'listModelHistory',
    summary: 'Which models answered, in the last days',
    emptyNote: 'No promotion and no activation is on the log.',
    query: Type.Object({}),
    item: Change,
    find: changesIn,
    keyOf: (each) => ({ at: each.promotedAt, id: `${each.name}/${each.version}` }),
    present: ({ name, version, promotedAt, promotion, activations }) => ({
      name,
      version,
      previous_version: promotion?.previousVersion ?? activations[0]?.previousVersion ?? null,
      promoted_at: promotedAt,
      first_activated_at:
        activations.length === 0 ? null : Math.min(...activations.map(({ activatedAt }) => activatedAt)),
      servers: new Set(activations.map(({ replicaId }) => replicaId)).size,
      run_id: promotion?.runId ?? null,
      reason: promotion?.reason ?? null,
      metrics: promotion?.metrics ?? null,
    }),
    columns: [
      text('name'),
      text('version'),
      text('previous_version'),
      timeColumn('promoted_at'),
      timeColumn('first_activated_at'),
      number('servers'),
      text('run_id'),
      text('reason'),
      text('metrics'),
    ],
  })

/** Promotions are compacted to the newest of a model; older ones are known by what activated them. */
const changesIn = ({ promotions, activations }: SystemRecords): ModelChange[] => {
  const changes = new Map<string, ModelChange>()
  const changeOf = ({
    modelName: name,
    modelVersion: version,
    promotedAt,
  }: Pick<ModelPromoted, 'modelName' | 'modelVersion' | 'promotedAt'>): ModelChange => {
    const key = `${name}/${version}/${promotedAt}`
    const known = changes.get(key)
    if (known) return known
    const change: ModelChange = { name, version, promotedAt, promotion: null, activations: [] }
    changes.set(key, change)
    return change
  }
  for (const promotion of promotions.all()) changeOf(promotion).promotion = promotion
  for (const activation of activations.all()) changeOf(activation).activations.push(activation)
  return [...changes.values()]
}
