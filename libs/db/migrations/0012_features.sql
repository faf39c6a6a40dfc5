-- Made by generate-feature-migration.ts from the registry in libs/features.

alter table station_features
  add column bikes_change_6h real not null default 'NaN',
  add column bikes_change_12h real not null default 'NaN',
  add column bikes_mean_6h real not null default 'NaN',
  add column bikes_sd_6h real not null default 'NaN',
  add column bikes_min_6h real not null default 'NaN',
  add column bikes_max_6h real not null default 'NaN',
  add column known_share_6h real not null default 'NaN',
  add column departures_6h real not null default 'NaN',
  add column arrivals_6h real not null default 'NaN',
  add column ebike_departures_1h real not null default 'NaN',
  add column ebike_arrivals_1h real not null default 'NaN',
  add column ebike_departures_3h real not null default 'NaN',
  add column ebike_arrivals_3h real not null default 'NaN',
  add column empty_share_1h real not null default 'NaN',
  add column full_share_1h real not null default 'NaN',
  add column empty_share_6h real not null default 'NaN',
  add column full_share_6h real not null default 'NaN',
  add column bike_minutes_24h real not null default 'NaN',
  add column dock_minutes_24h real not null default 'NaN',
  add column climatology_bikes real not null default 'NaN',
  add column climatology_sd real not null default 'NaN',
  add column climatology_difference real not null default 'NaN',
  add column climatology_bikes_next_hour real not null default 'NaN',
  add column known_share_672h real not null default 'NaN',
  add column neighbours_fill real not null default 'NaN',
  add column neighbours_fill_change_1h real not null default 'NaN',
  add column neighbours_empty_share real not null default 'NaN',
  add column neighbours_full_share real not null default 'NaN',
  add column system_fill real not null default 'NaN',
  add column system_fill_change_1h real not null default 'NaN',
  add column system_empty_share real not null default 'NaN',
  add column system_fill_change_24h real not null default 'NaN',
  add column is_holiday_eve real not null default 'NaN',
  add column is_day_after_holiday real not null default 'NaN',
  add column is_school_free real not null default 'NaN',
  add column season_sin real not null default 'NaN',
  add column season_cos real not null default 'NaN',
  add column precipitation_3h_mm real not null default 'NaN';

comment on column station_features.bikes_change_6h is 'By how many the bikes have become more within 6h. Unit: bikes.';
comment on column station_features.bikes_change_12h is 'By how many the bikes have become more within 12h. Unit: bikes.';
comment on column station_features.bikes_mean_6h is 'Mean of the bikes over 6h. Unit: bikes.';
comment on column station_features.bikes_sd_6h is 'Standard deviation of the bikes over 6h. Unit: bikes.';
comment on column station_features.bikes_min_6h is 'Fewest bikes within 6h. Unit: bikes.';
comment on column station_features.bikes_max_6h is 'Most bikes within 6h. Unit: bikes.';
comment on column station_features.known_share_6h is 'How much of the last 6h has been observed. Unit: share.';
comment on column station_features.departures_6h is 'Bikes that left within 6h, as far as observations show. Unit: bikes.';
comment on column station_features.arrivals_6h is 'Bikes that came within 6h, as far as observations show. Unit: bikes.';
comment on column station_features.ebike_departures_1h is 'E-bikes that left within 1h, as far as observations show. Unit: bikes.';
comment on column station_features.ebike_arrivals_1h is 'E-bikes that came within 1h, as far as observations show. Unit: bikes.';
comment on column station_features.ebike_departures_3h is 'E-bikes that left within 3h, as far as observations show. Unit: bikes.';
comment on column station_features.ebike_arrivals_3h is 'E-bikes that came within 3h, as far as observations show. Unit: bikes.';
comment on column station_features.empty_share_1h is 'The part of the last 1h without a bike. Unit: share.';
comment on column station_features.full_share_1h is 'The part of the last 1h without a free dock. Unit: share.';
comment on column station_features.empty_share_6h is 'The part of the last 6h without a bike. Unit: share.';
comment on column station_features.full_share_6h is 'The part of the last 6h without a free dock. Unit: share.';
comment on column station_features.bike_minutes_24h is 'Minutes of the last 24h with a bike to take: how long departures could happen. Unit: min.';
comment on column station_features.dock_minutes_24h is 'Minutes of the last 24h with a free dock: how long arrivals could happen. Unit: min.';
comment on column station_features.climatology_bikes is 'Bikes as usual at this hour of the week. Unit: bikes.';
comment on column station_features.climatology_sd is 'How much the bikes differ at this hour of the week. Unit: bikes.';
comment on column station_features.climatology_difference is 'How many bikes more there are than usual at this hour of the week. Unit: bikes.';
comment on column station_features.climatology_bikes_next_hour is 'Bikes as usual at the hour of the week that follows. Unit: bikes.';
comment on column station_features.known_share_672h is 'How much of the last 672h, which are 28 days, has been observed. Unit: share.';
comment on column station_features.neighbours_fill is 'How full the neighbours are, the bikes of all in relation to the docks of all. Unit: share.';
comment on column station_features.neighbours_fill_change_1h is 'By how much the neighbours have become fuller within 1h. Unit: share.';
comment on column station_features.neighbours_empty_share is 'How many of the 5 nearest stations that were observed in the 24 h before have no bike. Unit: share.';
comment on column station_features.neighbours_full_share is 'How many of the neighbours have no free dock. Unit: share.';
comment on column station_features.system_fill is 'How full all stations of the system are, the bikes of all in relation to the docks of all. Unit: share.';
comment on column station_features.system_fill_change_1h is 'By how much all stations of the system have become fuller within 1h. Unit: share.';
comment on column station_features.system_empty_share is 'How many of all stations of the system have no bike. Unit: share.';
comment on column station_features.system_fill_change_24h is 'By how much all stations of the system have become fuller within 24h. Unit: share.';
comment on column station_features.is_holiday_eve is 'The day before a public holiday. Unit: 0 or 1.';
comment on column station_features.is_day_after_holiday is 'The day after a public holiday. Unit: 0 or 1.';
comment on column station_features.is_school_free is 'A day without school that is no weekend, as far as the holidays of the schools are known. Unit: 0 or 1.';
comment on column station_features.season_sin is 'Local day of the year on a circle. Unit: -1 to 1.';
comment on column station_features.season_cos is 'Local day of the year on a circle. Unit: -1 to 1.';
comment on column station_features.precipitation_3h_mm is 'Precipitation of the last 3h. Unit: mm.';
