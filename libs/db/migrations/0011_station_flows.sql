create table station_flows (
  system_id text not null,
  station_id text not null,
  hour_at timestamptz not null,
  departures integer not null,
  arrivals integer not null,
  ebike_departures integer,
  ebike_arrivals integer,
  origin text not null,
  constraint station_flows_key primary key (system_id, station_id, hour_at),
  constraint hour_in_this_century check (hour_at >= '2000-01-01 00:00+00' and hour_at < '2100-01-01 00:00+00'),
  constraint flows_not_negative check (departures >= 0 and arrivals >= 0),
  constraint ebikes_among_all check (ebike_departures between 0 and departures and ebike_arrivals between 0 and arrivals)
);
-- A month: a city of 2,400 stations adds at most 1.8 million rows.
select create_hypertable('station_flows', by_range('hour_at', interval '30 days'), create_default_indexes => false);
comment on table station_flows is 'Trips that began and ended at a station in one hour, counted from the operator''s trip files. Hours without any have no row.';
comment on column station_flows.hour_at is 'The moment at which the hour begins, a full hour in UTC.';
comment on column station_flows.ebike_departures is 'Of the departures, on electric bikes; null where the trips do not all say.';
comment on column station_flows.ebike_arrivals is 'Of the arrivals, on electric bikes; null where the trips do not all say.';
comment on column station_flows.origin is 'TRIPS: counted from trip files.';
