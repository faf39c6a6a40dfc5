alter table data_quality add column value double precision;
comment on column data_quality.value is 'What was found, as a number in the rule''s unit.';
comment on column data_quality.station_id is 'Null: the whole system. A station has a row when something is found, once a day while it lasts, and when it is over.';
comment on column data_quality.vetoes_training is 'Training must not use this; it decides how much of it is too much.';

alter table alerts add column resolved_at timestamptz;
comment on column alerts.resolved_at is 'When it was over.';

comment on column training_jobs.outcome is 'PROMOTED, NOT_BETTER, VETOED or FAILED.';
