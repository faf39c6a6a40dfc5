-- Times are UTC moments. A hypertable's chunk should be small enough that the indexes of the newest ones stay in
-- memory, and long enough that months are not thousands of chunks; each interval below says what it was chosen for.
-- Checks on times keep one absurd reading from making a chunk of its own, thousands of years away.

create table station_information (
  system_id text not null,
  station_id text not null,
  name text not null,
  latitude double precision not null,
  longitude double precision not null,
  capacity integer,
  is_virtual boolean not null,
  region_id text,
  polled_at timestamptz not null,
  constraint station_information_key primary key (system_id, station_id),
  constraint latitude_in_degrees check (latitude between -90 and 90),
  constraint longitude_in_degrees check (longitude between -180 and 180),
  constraint capacity_not_negative check (capacity >= 0)
);
comment on table station_information is 'Each station as last published: name, position, capacity. A few thousand rows, so a plain table.';
comment on column station_information.capacity is 'Docks in all, broken ones included; null where the operator publishes none.';
comment on column station_information.is_virtual is 'A station without docks.';
comment on column station_information.polled_at is 'When this version of the facts was read.';

create table station_status (
  system_id text not null,
  station_id text not null,
  observed_at timestamptz not null,
  polled_at timestamptz not null,
  reported_at timestamptz,
  bikes integer not null,
  ebikes integer,
  docks integer,
  bikes_disabled integer not null,
  docks_disabled integer not null,
  is_installed boolean not null,
  is_renting boolean not null,
  is_returning boolean not null,
  capacity integer,
  latitude double precision,
  longitude double precision,
  origin text not null,
  constraint station_status_key primary key (system_id, station_id, observed_at),
  constraint observed_in_this_century check (observed_at >= '2000-01-01 00:00+00' and observed_at < '2100-01-01 00:00+00'),
  constraint observed_before_polled check (observed_at <= polled_at),
  constraint counts_not_negative check (bikes >= 0 and ebikes >= 0 and docks >= 0 and bikes_disabled >= 0 and docks_disabled >= 0 and capacity >= 0),
  constraint position_in_degrees check (latitude between -90 and 90 and longitude between -180 and 180)
);
-- A week: a city of 2,400 stations polled every quarter of an hour adds 1.6 million rows, about 250 MB with indexes.
select create_hypertable('station_status', by_range('observed_at', interval '7 days'), create_default_indexes => false);
-- What became known to a system between two moments, in that order: the training's reader, and counts a day.
-- (The key serves "the newest of a station" and "one station from … to …".)
create index station_status_by_poll on station_status (system_id, polled_at);
comment on table station_status is 'Observations: each station in each poll of a feed that had moved on.';
comment on column station_status.observed_at is 'The moment that the feed''s content is from: its last_updated, never later than polled_at.';
comment on column station_status.polled_at is 'When the feed was read: the moment from which this was known.';
comment on column station_status.reported_at is 'When the station itself last reported, where the operator says so.';
comment on column station_status.bikes is 'Vehicles that can be rented.';
comment on column station_status.ebikes is 'Of these, electric; null where not published.';
comment on column station_status.docks is 'Docks that can take a vehicle; null where not published.';
comment on column station_status.capacity is 'As last published before this poll, like latitude and longitude.';
comment on column station_status.origin is 'REPORTED by the operator, or RECONSTRUCTED from trips.';

create table feed_polls (
  system_id text not null,
  feed text not null,
  polled_at timestamptz not null,
  feed_updated_at timestamptz,
  outcome text not null,
  stations integer not null,
  published integer not null,
  rejected integer not null,
  missing_stations text[] not null,
  latency_ms double precision not null,
  detail text,
  constraint feed_polls_key primary key (system_id, feed, polled_at),
  constraint polled_in_this_century check (polled_at >= '2000-01-01 00:00+00' and polled_at < '2100-01-01 00:00+00')
);
-- A month: a row a feed and poll, some thousands a day.
select create_hypertable('feed_polls', by_range('polled_at', interval '30 days'), create_default_indexes => false);
comment on table feed_polls is 'One row a poll of a feed: it closes the poll, and says who was in it and who was missing.';
comment on column feed_polls.outcome is 'PUBLISHED, UNCHANGED or FAILED.';
comment on column feed_polls.missing_stations is 'Stations known from station-information that the document left out.';
