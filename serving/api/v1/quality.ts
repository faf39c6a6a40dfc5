import { Type } from 'typebox'
import { orNull, time } from '../api-schemas.ts'
import type { TypedApp } from '../typed-app.ts'
import { addRecordList } from './add-record-list.ts'
import { boolean, number, text, time as timeColumn } from './table.ts'
import type { V1Context } from './v1-context.ts'

const status = { type: 'string', enum: ['PASS', 'WARN', 'FAIL'] } as const

const Quality = Type.Object({
  station_id: orNull(Type.String({ description: 'null: the whole system' })),
  rule: Type.String({ description: 'the rule that judged' }),
  checked_at: time('that was judged'),
  status: Type.Unsafe<'PASS' | 'WARN' | 'FAIL'>(status),
  expected: orNull(Type.String({ description: 'what the rule wants' })),
  actual: orNull(Type.String({ description: 'what was found' })),
  value: orNull(Type.Number({ description: "what was found, in the rule's unit" })),
  detail: orNull(Type.String({ description: 'what to do' })),
  vetoes_training: Type.Boolean({ description: 'training does not use what was judged so' }),
})

export const addQuality = (app: TypedApp, context: V1Context): void =>
  addRecordList(app, context, {
    path: 'quality',
    name: 'checks',
    operationId: 'listQuality',
    summary: 'What the quality rules said of the data in the last days',
    emptyNote: 'No verdict has been published in the last days: nothing is known, good or bad.',
    query: Type.Object({
      station: Type.Optional(Type.String({ maxLength: 200, description: 'verdicts on this station alone' })),
      rule: Type.Optional(Type.String({ maxLength: 100, description: 'of this rule alone' })),
      status: Type.Optional(Type.Unsafe<'PASS' | 'WARN' | 'FAIL'>(status)),
    }),
    item: Quality,
    find: ({ quality }, query) =>
      quality
        .all()
        .filter(
          (each) =>
            (query.station === undefined || each.stationId === query.station) &&
            (query.rule === undefined || each.rule === query.rule) &&
            (query.status === undefined || each.status === query.status),
        ),
    keyOf: (each) => ({ at: each.checkedAt, id: `${each.rule}/${each.stationId ?? ''}` }),
    present: (each) => ({
      station_id: each.stationId,
      rule: each.rule,
      checked_at: each.checkedAt,
      status: each.status,
      expected: each.expected,
      actual: each.actual,
      value: each.value,
      detail: each.detail,
      vetoes_training: each.vetoesTraining,
    }),
    columns: [
      text('station_id'),
      text('rule'),
      timeColumn('checked_at'),
      text('status'),
      text('expected'),
      text('actual'),
      number('value'),
      text('detail'),
      boolean('vetoes_training'),
    ],
  })
