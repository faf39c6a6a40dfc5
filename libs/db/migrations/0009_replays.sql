-- A handful of rows: a plain table.
create table replays (
  system_id text not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  source text not null,
  fingerprint text not null,
  run_id text not null,
  started_at timestamptz not null,
  part text not null,
  position bigint not null,
  vectors bigint not null,
  updated_at timestamptz not null,
  constraint replays_key primary key (system_id, from_at, to_at, source, fingerprint),
  constraint part_is_known check (part in ('table', 'log'))
);
comment on table replays is 'Replays that are writing, and how far each has come: one that is interrupted goes on there. Those that ended are in job_runs.';
comment on column replays.source is 'Where observations are read: auto, log or table.';
comment on column replays.fingerprint is 'Of the list of features: what other code has written is not gone on with.';
comment on column replays.part is 'Where the last observation was read whose vectors are written: table or log.';
comment on column replays.position is 'That observation: in the log its offset, in the table polled_at in epoch milliseconds.';
