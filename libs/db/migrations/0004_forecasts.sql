-- One row a forecast with an array a quantity, as in the topic: a big city with 48 horizons would be 11 million rows a
-- day otherwise, of which the keys would be the larger part. station_forecast_targets shows one row a target.

create table station_forecasts (
  system_id text not null,
  station_id text not null,
  as_of timestamptz not null,
  model_name text not null,
  model_version text not null,
  target_at timestamptz[] not null,
  bikes_mean real[] not null,
  bikes_q05 real[] not null,
  bikes_q50 real[] not null,
  bikes_q95 real[] not null,
  bike_probability real[] not null,
  dock_probability real[] not null,
  departures_mean real[] not null,
  constraint station_forecasts_key primary key (system_id, station_id, as_of, model_name, model_version),
  constraint as_of_in_this_century check (as_of >= '2000-01-01 00:00+00' and as_of < '2100-01-01 00:00+00'),
  constraint one_value_a_target check (
    cardinality(bikes_mean) = cardinality(target_at) and cardinality(bikes_q05) = cardinality(target_at)
    and cardinality(bikes_q50) = cardinality(target_at) and cardinality(bikes_q95) = cardinality(target_at)
    and cardinality(bike_probability) = cardinality(target_at) and cardinality(dock_probability) = cardinality(target_at)
    and cardinality(departures_mean) = cardinality(target_at)
  )
);
-- A day: 230,000 rows of about 2 kB for a big city.
select create_hypertable('station_forecasts', by_range('as_of', interval '1 day'), create_default_indexes => false);
comment on table station_forecasts is 'Forecasts as published: one row for each station, as_of and model; the arrays run along target_at.';
comment on column station_forecasts.as_of is 'The moment whose knowledge it holds.';
comment on column station_forecasts.target_at is 'The moments it is for, ascending.';
comment on column station_forecasts.bike_probability is 'Probability of at least one bike.';
comment on column station_forecasts.dock_probability is 'Probability of at least one dock.';
comment on column station_forecasts.departures_mean is 'Expected departures in the hour that ends at the target.';

create view station_forecast_targets as
select
  forecast.system_id, forecast.station_id, forecast.as_of, forecast.model_name, forecast.model_version,
  target.target_at, target.bikes_mean, target.bikes_q05, target.bikes_q50, target.bikes_q95,
  target.bike_probability, target.dock_probability, target.departures_mean
from station_forecasts as forecast
cross join lateral unnest(
  forecast.target_at, forecast.bikes_mean, forecast.bikes_q05, forecast.bikes_q50, forecast.bikes_q95,
  forecast.bike_probability, forecast.dock_probability, forecast.departures_mean
) as target (
  target_at, bikes_mean, bikes_q05, bikes_q50, bikes_q95, bike_probability, dock_probability, departures_mean
);
comment on view station_forecast_targets is 'station_forecasts with one row for each target.';

create table forecast_accuracy (
  system_id text not null,
  station_id text,
  model_name text not null,
  model_version text not null,
  horizon_minutes integer not null,
  window_start_at timestamptz not null,
  window_end_at timestamptz not null,
  forecasts bigint not null,
  rmse double precision not null,
  mae double precision not null,
  rmse_damped double precision not null,
  coverage_90 double precision not null,
  brier_bike double precision not null,
  brier_dock double precision not null,
  constraint forecast_accuracy_key unique nulls not distinct
    (system_id, station_id, model_name, model_version, horizon_minutes, window_start_at, window_end_at),
  constraint window_in_this_century check (window_end_at >= '2000-01-01 00:00+00' and window_end_at < '2100-01-01 00:00+00'),
  constraint window_forwards check (window_start_at < window_end_at)
);
-- A week: a row an hour for each station and horizon of a big city would be some 300,000 rows a day.
select create_hypertable('forecast_accuracy', by_range('window_end_at', interval '7 days'), create_default_indexes => false);
create index forecast_accuracy_by_window on forecast_accuracy (system_id, window_end_at);
comment on table forecast_accuracy is 'How good forecasts turned out to be, over a window of targets.';
comment on column forecast_accuracy.station_id is 'Null: all stations of the system.';
comment on column forecast_accuracy.window_end_at is 'Exclusive.';
comment on column forecast_accuracy.forecasts is 'Forecasts scored.';
comment on column forecast_accuracy.mae is 'Of the median.';
comment on column forecast_accuracy.rmse_damped is 'The same for damped persistence, the honest opponent.';
comment on column forecast_accuracy.coverage_90 is 'Share inside the 90 % interval.';
