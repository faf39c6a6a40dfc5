import { configFragments } from '@velocast/runtime'
import { Type } from 'typebox'

import { accessConfig } from './access/access-config.ts'
import { limitsConfig } from './access/server-limits.ts'
import { tlsConfig } from './access/tls-files.ts'

export const apiConfig = Type.Object({
  ...configFragments.process,
  ...configFragments.kafka,
  ...configFragments.mlflow,
  ...configFragments.systems,
  ...accessConfig,
  ...limitsConfig,
  ...tlsConfig,
  API_HOST: Type.String({ default: '127.0.0.1', description: 'where the API listens' }),
  API_PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 8000,
    description: "the API's port; 0 takes any free one, and the log says which",
  }),
  REPLICA_ID: Type.Optional(
    Type.String({ description: 'names this predictor in model-activated; host name and port by default' }),
  ),
  CACHE_FOLDER: Type.String({
    default: '.velocast/cache',
    description: 'keeps the last good model and the newest features, so that a restart needs nothing else',
  }),
  SNAPSHOT_SECONDS: Type.Integer({
    minimum: 1,
    default: 60,
    description: 'how often the newest features are written to the disk',
  }),
  DATABASE_URL: Type.Optional(
    Type.String({
      description:
        'the database that is looked at for /health/detailed; no answer needs it, and without it none is',
    }),
  ),
  BACKEND_CHECK_SECONDS: Type.Integer({
    minimum: 1,
    default: 15,
    description: 'how often it is looked whether Kafka, registry, MLflow and database answer',
  }),
  SHADOW_SECONDS: Type.Integer({
    minimum: 0,
    maximum: 3_600,
    default: 0,
    description:
      'for how long a new model is tried beside the one in use, on live questions, before it takes over; 0: not at all',
  }),
  SHADOW_SHARE: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1,
    default: 0.05,
    description: 'of the questions, that a model which is tried is asked too',
  }),
  ANSWER_CACHE_MEGABYTES: Type.Integer({
    minimum: 0,
    maximum: 65_536,
    default: 48,
    description: 'the most memory for answers that are kept as they were written',
  }),
  STALE_AFTER_SECONDS: Type.Integer({
    minimum: 1,
    default: 3_600,
    description: 'answers from knowledge older than this are marked degraded',
  }),
})
