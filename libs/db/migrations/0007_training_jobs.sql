create table training_jobs (
  system_id text not null,
  trigger_id text not null,
  began_at timestamptz not null,
  promoted_at timestamptz,
  ended_at timestamptz,
  outcome text,
  detail text,
  constraint training_jobs_key primary key (system_id, trigger_id),
  constraint ended_with_outcome check ((ended_at is null) = (outcome is null))
);
comment on table training_jobs is 'Triggers that training has taken up: one that has ended is not done again.';
comment on column training_jobs.promoted_at is 'When its model was promoted: the same moment however often the promotion is published.';
comment on column training_jobs.outcome is 'PROMOTED, NOT_BETTER or FAILED.';
