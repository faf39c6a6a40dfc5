-- The key columns only. Each feature is a typed column, added by the migrations *_features.sql, which are generated from
-- the registry in libs/features.

create table station_features (
  system_id text not null,
  station_id text not null,
  as_of timestamptz not null,
  polled_at timestamptz not null,
  constraint station_features_key primary key (system_id, station_id, as_of, polled_at),
  constraint as_of_in_this_century check (as_of >= '2000-01-01 00:00+00' and as_of < '2100-01-01 00:00+00')
);
-- A day: 110 features of 2,400 stations every quarter of an hour are 230,000 rows, about 150 MB with indexes.
select create_hypertable('station_features', by_range('as_of', interval '1 day'), create_default_indexes => false);
-- A system's vectors in the order in which they became known: how the training reads. polled_at is never before as_of,
-- so a reader that also bounds as_of touches only the chunks it needs.
create index station_features_by_poll on station_features (system_id, polled_at);
comment on table station_features is 'Feature vectors: what was known of a station at as_of. NaN where a feature is not known.';
comment on column station_features.as_of is 'The moment whose knowledge it holds: the observation''s observed_at.';
comment on column station_features.polled_at is 'When that observation was read.';
