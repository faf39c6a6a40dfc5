alter table training_jobs add column record_partition integer, add column record_offset bigint;
comment on column training_jobs.record_partition is 'Of the record of training-triggers that was taken up: with the offset, it tells that record come again from another with the same trigger_id.';
comment on column training_jobs.outcome is 'PROMOTED, NOT_BETTER, VETOED, COOL_DOWN or FAILED.';
comment on column model_events.trigger_id is 'Of a promotion, or of the training''s refusal: what led to it.';
comment on column model_events.metrics is 'Of a promotion and of the training''s refusal: the model''s figures and those of the comparison. Of an activation: its timings in milliseconds.';
