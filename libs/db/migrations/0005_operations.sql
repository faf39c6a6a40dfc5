create table data_quality (
  system_id text not null,
  station_id text,
  rule text not null,
  checked_at timestamptz not null,
  status text not null,
  expected text,
  actual text,
  detail text,
  vetoes_training boolean not null,
  constraint data_quality_key unique nulls not distinct (system_id, station_id, rule, checked_at),
  constraint checked_in_this_century check (checked_at >= '2000-01-01 00:00+00' and checked_at < '2100-01-01 00:00+00')
);
-- A week: some rules on every poll.
select create_hypertable('data_quality', by_range('checked_at', interval '7 days'), create_default_indexes => false);
create index data_quality_by_check on data_quality (system_id, checked_at);
comment on table data_quality is 'Results of the quality rules.';
comment on column data_quality.station_id is 'Null: the whole system.';
comment on column data_quality.status is 'PASS, WARN or FAIL.';
comment on column data_quality.vetoes_training is 'Training must not use this.';

create table job_runs (
  system_id text not null,
  job text not null,
  run_id text not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  outcome text not null,
  detail text,
  figures jsonb not null,
  constraint job_runs_key primary key (system_id, run_id, started_at),
  constraint started_in_this_century check (started_at >= '2000-01-01 00:00+00' and started_at < '2100-01-01 00:00+00')
);
select create_hypertable('job_runs', by_range('started_at', interval '30 days'), create_default_indexes => false);
create index job_runs_by_start on job_runs (system_id, job, started_at);
comment on table job_runs is 'Runs of jobs: polls, back-fills, trainings. A run that has ended replaces its own beginning.';
comment on column job_runs.outcome is 'RUNNING, SUCCEEDED, FAILED or SKIPPED.';
comment on column job_runs.figures is 'Counts and seconds, by name; each job has its own.';

create table model_events (
  system_id text not null,
  model_name text not null,
  model_version text not null,
  event text not null,
  happened_at timestamptz not null,
  replica_id text not null default '',
  promoted_at timestamptz not null,
  run_id text,
  trigger_id text,
  previous_version text,
  reason text,
  detail text,
  artifact_uri text,
  manifest_sha256 text,
  fingerprint text,
  metrics jsonb not null default '{}',
  constraint model_events_key primary key (system_id, model_name, happened_at, event, replica_id, model_version),
  constraint happened_in_this_century check (happened_at >= '2000-01-01 00:00+00' and happened_at < '2100-01-01 00:00+00')
);
select create_hypertable('model_events', by_range('happened_at', interval '90 days'), create_default_indexes => false);
comment on table model_events is 'A model''s life: promoted, then activated or rejected by each predictor.';
comment on column model_events.event is 'PROMOTED, ACTIVATED or REJECTED.';
comment on column model_events.replica_id is 'The predictor that answers; empty for a promotion.';
comment on column model_events.promoted_at is 'The promotion that is answered, or this one.';
comment on column model_events.metrics is 'Of a promotion: the model''s figures. Of an activation: its timings in milliseconds.';

-- A trigger a day and system, an alert now and then: plain tables.
create table training_triggers (
  system_id text not null,
  trigger_id text not null,
  cause text not null,
  triggered_at timestamptz not null,
  policy text not null,
  requested_by text,
  evidence jsonb not null,
  constraint training_triggers_key primary key (system_id, trigger_id)
);
create index training_triggers_by_time on training_triggers (system_id, triggered_at);
comment on table training_triggers is 'Reasons to train. Two with the same trigger_id are one.';
comment on column training_triggers.cause is 'DAILY, LOST_SKILL or MANUAL.';
comment on column training_triggers.policy is 'IF_BETTER: the comparison decides on the promotion. ALWAYS: the person who asks.';
comment on column training_triggers.evidence is 'The figures that led to it.';

create table alerts (
  system_id text not null,
  alert text not null,
  raised_at timestamptz not null,
  severity text not null,
  resolved boolean not null,
  summary text not null,
  action text not null,
  constraint alerts_key primary key (system_id, alert, raised_at)
);
create index alerts_by_time on alerts (system_id, raised_at);
comment on table alerts is 'What a person should know.';
comment on column alerts.severity is 'INFO, WARNING or CRITICAL.';
comment on column alerts.resolved is 'It is over.';
comment on column alerts.action is 'What to do.';
