-- The tables of the system before Velocast, as views over ours: same names, columns and types. system_id is added as the
-- last column of each, since a database may hold several cities. docs/decisions/0022 says what each means, and why.
--
-- Times are without a zone, in UTC: a time of ours becomes one by an expression, which an index on the column does not
-- serve. So the expression has an index wherever the newest rows, the maximum, or the rows of a span are asked for; with
-- the station beside it, so that one station's rows are told in the index itself.
-- They are made in the transaction of this migration, which holds up the writers of these tables meanwhile.
create index station_status_by_utc on station_status ((observed_at at time zone 'UTC'), station_id) where origin = 'REPORTED';
create index station_features_by_utc on station_features ((as_of at time zone 'UTC'), station_id);
create index station_forecasts_by_utc on station_forecasts ((as_of at time zone 'UTC'), station_id);
create index weather_observations_by_utc on weather_observations ((observed_at at time zone 'UTC'));
create index data_quality_by_utc on data_quality ((checked_at at time zone 'UTC'));

create view bike_stations as
select
  station.station_id,
  station.name,
  station.latitude,
  station.longitude,
  station.capacity,
  -- A query of its own and no join: who does not ask for it does not pay for it.
  coalesce((
    select status.is_installed
    from station_status as status
    where status.system_id = station.system_id and status.station_id = station.station_id and status.origin = 'REPORTED'
    order by status.observed_at desc
    limit 1
  ), true) as is_active,
  station.system_id
from station_information as station;
comment on view bike_stations is 'Old table: stations. is_active: its newest report says that it is on the street.';

create view bike_station_status as
select
  station_id,
  observed_at at time zone 'UTC' as "timestamp",
  bikes as bikes_available,
  docks as docks_available,
  bikes_disabled,
  docks_disabled,
  is_installed,
  is_renting,
  is_returning,
  system_id
from station_status
where origin = 'REPORTED';
comment on view bike_station_status is 'Old table: what operators reported, never what was reconstructed from trips.';

create view weather_data as
select
  observed_at at time zone 'UTC' as "timestamp",
  nullif(temperature_c, 'NaN')::double precision as temperature,
  nullif(feels_like_c, 'NaN')::double precision as feels_like,
  nullif(humidity_percent, 'NaN')::double precision as humidity,
  nullif(wind_speed_mps, 'NaN')::double precision as wind_speed,
  nullif(precipitation_mm, 'NaN')::double precision as precipitation,
  condition as weather_condition,
  nullif(pressure_hpa, 'NaN')::double precision as pressure,
  nullif(visibility_m, 'NaN')::double precision as visibility,
  location_id,
  system_id
from weather_observations;
comment on view weather_data is 'Old table: the weather at each location of a system; null where the provider did not say.';

create view features as
select
  feature.station_id,
  feature.as_of at time zone 'UTC' as "timestamp",
  (
    select jsonb_object_agg(named.key, named.value)
    from jsonb_each(to_jsonb(feature) - '{system_id,station_id,as_of,polled_at}'::text[]) as named
    where named.value <> '"NaN"'
  ) as feature_json,
  -- The migration that made the newest feature's column.
  (select max(name) from schema_migrations where name like '%\_features') as feature_version,
  feature.system_id
from station_features as feature;
comment on view features is 'Old table: feature vectors. A feature that is not known has no key.';

create view predictions as
select
  forecast.station_id,
  forecast.as_of at time zone 'UTC' as prediction_timestamp,
  target.bikes_mean::double precision as predicted_demand,
  forecast.model_version,
  forecast.model_name,
  target.bikes_q05::double precision as confidence_interval_lower,
  target.bikes_q95::double precision as confidence_interval_upper,
  round(extract(epoch from target.target_at - forecast.as_of) / 3600)::integer as prediction_horizon_hours,
  target.target_at at time zone 'UTC' as target_timestamp,
  forecast.system_id
from station_forecasts as forecast
cross join lateral unnest(forecast.target_at, forecast.bikes_mean, forecast.bikes_q05, forecast.bikes_q95)
  as target (target_at, bikes_mean, bikes_q05, bikes_q95);
comment on view predictions is 'Old table: forecasts of the bikes available, one row a target. prediction_timestamp: whose knowledge it holds.';

create view model_performance as
select
  model_name,
  model_version,
  happened_at at time zone 'UTC' as evaluation_date,
  (metrics ->> 'rmse')::double precision as rmse,
  (metrics ->> 'mae')::double precision as mae,
  (metrics ->> 'mape')::double precision as mape,
  (metrics ->> 'r2')::double precision as r2_score,
  null::double precision as data_drift_score,
  system_id
from model_events
where metrics ? 'rmse' and event in ('PROMOTED', 'REJECTED');
comment on view model_performance is 'Old table: models as they were judged on rows that training had not seen, promoted or not. mape is a share.';

create view data_quality_checks as
select
  rule as check_name,
  case
    when rule like 'weather-%' then 'weather_data'
    when rule like 'feature-%' then 'features'
    else 'bike_station_status'
  end as table_name,
  checked_at at time zone 'UTC' as check_timestamp,
  status,
  expected as expected_value,
  actual as actual_value,
  detail as error_message,
  station_id,
  system_id
from data_quality;
comment on view data_quality_checks is 'Old table: results of the quality rules; status is PASS, WARN or FAIL. station_id is null for a whole system.';

create view latest_station_status as
select
  station.station_id,
  station.name,
  station.latitude,
  station.longitude,
  station.capacity,
  status.observed_at at time zone 'UTC' as "timestamp",
  status.bikes as bikes_available,
  status.docks as docks_available,
  status.bikes_disabled,
  status.docks_disabled,
  status.is_installed,
  status.is_renting,
  status.is_returning,
  station.system_id
from station_information as station
cross join lateral (
  select *
  from station_status
  where station_status.system_id = station.system_id
    and station_status.station_id = station.station_id
    and station_status.origin = 'REPORTED'
  order by station_status.observed_at desc
  limit 1
) as status;
comment on view latest_station_status is 'Old view: the newest report of each station, found in the index of each.';

-- The hours come from a series, and each hour's rows from the index: so a condition on the hour is one on the series, and
-- reads no more than those hours. The hour before is read too, for the change from its last report.
create view hourly_demand as
select
  hourly.station_id,
  series.hour,
  hourly.departures,
  hourly.arrivals,
  hourly.average_bikes,
  hourly.min_bikes,
  hourly.max_bikes,
  hourly.observations,
  hourly.system_id
from generate_series(
  (select date_trunc('hour', min(observed_at at time zone 'UTC')) from station_status where origin = 'REPORTED'),
  (select date_trunc('hour', max(observed_at at time zone 'UTC')) from station_status where origin = 'REPORTED'),
  interval '1 hour'
) as series (hour)
cross join lateral (
  select
    report.system_id,
    report.station_id,
    coalesce(sum(greatest(report.bikes_before - report.bikes, 0)), 0)::integer as departures,
    coalesce(sum(greatest(report.bikes - report.bikes_before, 0)), 0)::integer as arrivals,
    avg(report.bikes)::double precision as average_bikes,
    min(report.bikes) as min_bikes,
    max(report.bikes) as max_bikes,
    count(*)::integer as observations
  from (
    select
      status.system_id,
      status.station_id,
      status.observed_at at time zone 'UTC' as reported_at,
      status.bikes,
      case
        when status.observed_at - lag(status.observed_at) over of_station <= interval '1 hour'
        then lag(status.bikes) over of_station
      end as bikes_before
    from station_status as status
    where status.origin = 'REPORTED'
      and status.observed_at at time zone 'UTC' >= series.hour - interval '1 hour'
      and status.observed_at at time zone 'UTC' < series.hour + interval '1 hour'
      -- The same again, on the column by which the table is cut into chunks.
      and status.observed_at >= (series.hour - interval '1 hour') at time zone 'UTC'
      and status.observed_at < (series.hour + interval '1 hour') at time zone 'UTC'
    window of_station as (partition by status.system_id, status.station_id order by status.observed_at)
  ) as report
  where report.reported_at >= series.hour
  group by report.system_id, report.station_id
) as hourly;
comment on view hourly_demand is 'Old view: each station in each hour of UTC that has reports. Departures and arrivals as far as reports at most an hour apart show them.';

create view daily_station_stats as
select
  daily.station_id,
  series.day::date as date,
  daily.departures,
  daily.arrivals,
  daily.average_bikes,
  daily.min_bikes,
  daily.max_bikes,
  daily.average_docks,
  daily.observations,
  daily.empty_observations,
  daily.full_observations,
  daily.system_id
from generate_series(
  (select date_trunc('day', min(observed_at at time zone 'UTC')) from station_status where origin = 'REPORTED'),
  (select date_trunc('day', max(observed_at at time zone 'UTC')) from station_status where origin = 'REPORTED'),
  interval '1 day'
) as series (day)
cross join lateral (
  select
    report.system_id,
    report.station_id,
    coalesce(sum(greatest(report.bikes_before - report.bikes, 0)), 0)::integer as departures,
    coalesce(sum(greatest(report.bikes - report.bikes_before, 0)), 0)::integer as arrivals,
    avg(report.bikes)::double precision as average_bikes,
    min(report.bikes) as min_bikes,
    max(report.bikes) as max_bikes,
    avg(report.docks)::double precision as average_docks,
    count(*)::integer as observations,
    (count(*) filter (where report.bikes = 0))::integer as empty_observations,
    (count(*) filter (where report.docks = 0))::integer as full_observations
  from (
    select
      status.system_id,
      status.station_id,
      status.observed_at at time zone 'UTC' as reported_at,
      status.bikes,
      status.docks,
      case
        when status.observed_at - lag(status.observed_at) over of_station <= interval '1 hour'
        then lag(status.bikes) over of_station
      end as bikes_before
    from station_status as status
    where status.origin = 'REPORTED'
      and status.observed_at at time zone 'UTC' >= series.day - interval '1 hour'
      and status.observed_at at time zone 'UTC' < series.day + interval '1 day'
      and status.observed_at >= (series.day - interval '1 hour') at time zone 'UTC'
      and status.observed_at < (series.day + interval '1 day') at time zone 'UTC'
    window of_station as (partition by status.system_id, status.station_id order by status.observed_at)
  ) as report
  where report.reported_at >= series.day
  group by report.system_id, report.station_id
) as daily;
comment on view daily_station_stats is 'Old view: each station on each day of UTC that has reports; counted as in hourly_demand.';
