-- The keys hold polled_at: the same report read twice is two moments at which something was known, and a training set
-- must see what a live forecast saw.

create table weather_observations (
  system_id text not null,
  location_id text not null,
  provider text not null,
  observed_at timestamptz not null,
  polled_at timestamptz not null,
  temperature_c real not null,
  feels_like_c real not null,
  humidity_percent real not null,
  wind_speed_mps real not null,
  precipitation_mm real not null,
  cloud_cover_percent real not null,
  pressure_hpa real not null,
  visibility_m real not null,
  condition text not null,
  constraint weather_observations_key primary key (system_id, location_id, polled_at, observed_at),
  constraint polled_in_this_century check (polled_at >= '2000-01-01 00:00+00' and polled_at < '2100-01-01 00:00+00')
);
-- A month: 48 rows a day and place.
select create_hypertable('weather_observations', by_range('polled_at', interval '30 days'), create_default_indexes => false);
comment on table weather_observations is 'The weather now, as each provider said it. NaN where it did not say.';
comment on column weather_observations.observed_at is 'The moment that the provider says it is for.';
comment on column weather_observations.polled_at is 'When it was read: the moment from which this was known.';
comment on column weather_observations.precipitation_mm is 'Of the last hour.';
comment on column weather_observations.condition is 'One word: clear, clouds, fog, drizzle, rain, snow, thunderstorm, unknown.';

create table weather_forecasts (
  system_id text not null,
  location_id text not null,
  provider text not null,
  issued_at timestamptz not null,
  polled_at timestamptz not null,
  valid_at timestamptz not null,
  temperature_c real not null,
  humidity_percent real not null,
  wind_speed_mps real not null,
  precipitation_mm real not null,
  constraint weather_forecasts_key primary key (system_id, location_id, polled_at, issued_at, valid_at),
  constraint polled_in_this_century check (polled_at >= '2000-01-01 00:00+00' and polled_at < '2100-01-01 00:00+00')
);
-- A week: 168 hours ahead, read every half hour, are 8,000 rows a day and place.
select create_hypertable('weather_forecasts', by_range('polled_at', interval '7 days'), create_default_indexes => false);
comment on table weather_forecasts is 'Weather forecasts as they were issued: one row for each moment they speak of. NaN where unknown.';
comment on column weather_forecasts.issued_at is 'When the provider issued it.';
comment on column weather_forecasts.polled_at is 'When it was read: the moment from which this was known.';
comment on column weather_forecasts.valid_at is 'The moment that the values are for.';
comment on column weather_forecasts.precipitation_mm is 'Of the hour that ends at valid_at.';
