import { configFragments } from '@velocast/runtime'
import { Type } from 'typebox'

export const trainingConfig = Type.Object({
  ...configFragments.process,
  ...configFragments.kafka,
  ...configFragments.database,
  ...configFragments.mlflow,
  ...configFragments.systems,
  TRAINER_PYTHON: Type.String({
    default: 'python3',
    description: 'the interpreter of the environment that holds training/trainer/requirements.lock',
  }),
  WORK_FOLDER: Type.String({
    default: '.velocast/training',
    description: 'where data sets and bundles lie while a model is trained',
  }),
  HISTORY_DAYS: Type.Integer({
    minimum: 1,
    default: 60,
    description: 'history that rows are made of, at most',
  }),
  MAX_ROWS: Type.Integer({ minimum: 2_000, default: 1_200_000, description: 'rows to train on, at most' }),
  TREES: Type.Integer({ minimum: 1, default: 300, description: 'trees of each output, at most' }),
  BOOSTERS: Type.String({
    pattern: '^(lightgbm|xgboost|catboost)(,(lightgbm|xgboost|catboost))*$',
    default: 'lightgbm,xgboost,catboost',
    description:
      'comma-separated; all fit the mean, of which the best or a mean is taken, the first the quantiles, the last probabilities, and counts beyond an hour',
  }),
  THREADS: Type.Integer({ minimum: 1, default: 2, description: 'threads that fit' }),
  SEARCH_TRIALS: Type.Integer({
    minimum: 0,
    default: 0,
    description:
      'hyper-parameters that each training tries out before it fits, the usual ones first; 0: the usual ones are taken',
  }),
  SEARCH_MINUTES: Type.Number({
    exclusiveMinimum: 0,
    default: 20,
    description: 'a search that takes longer ends with what it has found so far',
  }),
  TRAINING_MINUTES: Type.Integer({
    minimum: 1,
    default: 120,
    description: 'a data set or a fit that takes longer is ended, and the training has failed',
  }),
  TRAINING_COOL_DOWN_MINUTES: Type.Integer({
    minimum: 0,
    default: 360,
    description: 'so long after a training that came to a decision, a trigger for lost skill is skipped',
  }),
  PROMOTION_RULE: Type.Union([Type.Literal('significant'), Type.Literal('flat5')], {
    default: 'significant',
    description:
      'significant: better beyond chance, by 0.5 % or more, and nowhere much worse; flat5: RMSE at least 5 % lower',
  }),
})
