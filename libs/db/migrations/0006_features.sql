-- Made by generate-feature-migration.ts from the registry in libs/features.

alter table station_features
  add column bikes real not null default 'NaN',
  add column docks real not null default 'NaN',
  add column ebikes real not null default 'NaN',
  add column ebike_share real not null default 'NaN',
  add column capacity real not null default 'NaN',
  add column fill_ratio real not null default 'NaN',
  add column bikes_disabled real not null default 'NaN',
  add column docks_disabled real not null default 'NaN',
  add column is_installed real not null default 'NaN',
  add column is_renting real not null default 'NaN',
  add column is_returning real not null default 'NaN',
  add column report_age_min real not null default 'NaN',
  add column latitude real not null default 'NaN',
  add column longitude real not null default 'NaN',
  add column bikes_lag_15m real not null default 'NaN',
  add column bikes_lag_30m real not null default 'NaN',
  add column bikes_lag_45m real not null default 'NaN',
  add column bikes_lag_1h real not null default 'NaN',
  add column bikes_lag_2h real not null default 'NaN',
  add column bikes_lag_3h real not null default 'NaN',
  add column bikes_lag_6h real not null default 'NaN',
  add column bikes_lag_12h real not null default 'NaN',
  add column bikes_lag_24h real not null default 'NaN',
  add column bikes_lag_48h real not null default 'NaN',
  add column bikes_lag_168h real not null default 'NaN',
  add column bikes_change_15m real not null default 'NaN',
  add column bikes_change_30m real not null default 'NaN',
  add column bikes_change_1h real not null default 'NaN',
  add column bikes_change_3h real not null default 'NaN',
  add column bikes_change_24h real not null default 'NaN',
  add column bikes_change_168h real not null default 'NaN',
  add column bikes_mean_1h real not null default 'NaN',
  add column bikes_sd_1h real not null default 'NaN',
  add column bikes_min_1h real not null default 'NaN',
  add column bikes_max_1h real not null default 'NaN',
  add column known_share_1h real not null default 'NaN',
  add column bikes_mean_3h real not null default 'NaN',
  add column bikes_sd_3h real not null default 'NaN',
  add column bikes_min_3h real not null default 'NaN',
  add column bikes_max_3h real not null default 'NaN',
  add column known_share_3h real not null default 'NaN',
  add column bikes_mean_24h real not null default 'NaN',
  add column bikes_sd_24h real not null default 'NaN',
  add column bikes_min_24h real not null default 'NaN',
  add column bikes_max_24h real not null default 'NaN',
  add column known_share_24h real not null default 'NaN',
  add column bikes_mean_168h real not null default 'NaN',
  add column bikes_sd_168h real not null default 'NaN',
  add column bikes_min_168h real not null default 'NaN',
  add column bikes_max_168h real not null default 'NaN',
  add column known_share_168h real not null default 'NaN',
  add column departures_1h real not null default 'NaN',
  add column arrivals_1h real not null default 'NaN',
  add column departures_3h real not null default 'NaN',
  add column arrivals_3h real not null default 'NaN',
  add column departures_24h real not null default 'NaN',
  add column arrivals_24h real not null default 'NaN',
  add column empty_share_3h real not null default 'NaN',
  add column full_share_3h real not null default 'NaN',
  add column empty_share_24h real not null default 'NaN',
  add column full_share_24h real not null default 'NaN',
  add column empty_share_168h real not null default 'NaN',
  add column full_share_168h real not null default 'NaN',
  add column rebalancings_24h real not null default 'NaN',
  add column rebalancing_age_min real not null default 'NaN',
  add column hour_sin real not null default 'NaN',
  add column hour_cos real not null default 'NaN',
  add column weekday_sin real not null default 'NaN',
  add column weekday_cos real not null default 'NaN',
  add column is_weekend real not null default 'NaN',
  add column is_holiday real not null default 'NaN',
  add column temperature_c real not null default 'NaN',
  add column feels_like_c real not null default 'NaN',
  add column humidity_percent real not null default 'NaN',
  add column wind_mps real not null default 'NaN',
  add column precipitation_mm real not null default 'NaN',
  add column cloud_cover_percent real not null default 'NaN',
  add column pressure_hpa real not null default 'NaN',
  add column temperature_change_3h_c real not null default 'NaN',
  add column weather_age_min real not null default 'NaN';

comment on column station_features.bikes is 'Bikes that can be rented. Unit: bikes.';
comment on column station_features.docks is 'Docks that can take a bike. Unit: docks.';
comment on column station_features.ebikes is 'E-bikes that can be rented. Unit: bikes.';
comment on column station_features.ebike_share is 'The part of the bikes that is electric. Unit: share.';
comment on column station_features.capacity is 'Docks in all, as published; else the sum of what is at the station. Unit: docks.';
comment on column station_features.fill_ratio is 'How full the station is; above 1 where bikes stand beside the docks. Unit: share.';
comment on column station_features.bikes_disabled is 'Bikes that are broken. Unit: bikes.';
comment on column station_features.docks_disabled is 'Docks that are broken. Unit: docks.';
comment on column station_features.is_installed is 'The station is on the street. Unit: 0 or 1.';
comment on column station_features.is_renting is 'The station hands out bikes. Unit: 0 or 1.';
comment on column station_features.is_returning is 'The station takes bikes back. Unit: 0 or 1.';
comment on column station_features.report_age_min is 'The age of the station''s own report; 0 where its clock runs ahead. Unit: min.';
comment on column station_features.latitude is 'Where the station is. Unit: degrees north.';
comment on column station_features.longitude is 'Where the station is. Unit: degrees east.';
comment on column station_features.bikes_lag_15m is 'Bikes 15m ago. Unit: bikes.';
comment on column station_features.bikes_lag_30m is 'Bikes 30m ago. Unit: bikes.';
comment on column station_features.bikes_lag_45m is 'Bikes 45m ago. Unit: bikes.';
comment on column station_features.bikes_lag_1h is 'Bikes 1h ago. Unit: bikes.';
comment on column station_features.bikes_lag_2h is 'Bikes 2h ago. Unit: bikes.';
comment on column station_features.bikes_lag_3h is 'Bikes 3h ago. Unit: bikes.';
comment on column station_features.bikes_lag_6h is 'Bikes 6h ago. Unit: bikes.';
comment on column station_features.bikes_lag_12h is 'Bikes 12h ago. Unit: bikes.';
comment on column station_features.bikes_lag_24h is 'Bikes 24h ago. Unit: bikes.';
comment on column station_features.bikes_lag_48h is 'Bikes 48h ago. Unit: bikes.';
comment on column station_features.bikes_lag_168h is 'Bikes 168h ago. Unit: bikes.';
comment on column station_features.bikes_change_15m is 'By how many the bikes have become more within 15m. Unit: bikes.';
comment on column station_features.bikes_change_30m is 'By how many the bikes have become more within 30m. Unit: bikes.';
comment on column station_features.bikes_change_1h is 'By how many the bikes have become more within 1h. Unit: bikes.';
comment on column station_features.bikes_change_3h is 'By how many the bikes have become more within 3h. Unit: bikes.';
comment on column station_features.bikes_change_24h is 'By how many the bikes have become more within 24h. Unit: bikes.';
comment on column station_features.bikes_change_168h is 'By how many the bikes have become more within 168h. Unit: bikes.';
comment on column station_features.bikes_mean_1h is 'Mean of the bikes over 1h. Unit: bikes.';
comment on column station_features.bikes_sd_1h is 'Standard deviation of the bikes over 1h. Unit: bikes.';
comment on column station_features.bikes_min_1h is 'Fewest bikes within 1h. Unit: bikes.';
comment on column station_features.bikes_max_1h is 'Most bikes within 1h. Unit: bikes.';
comment on column station_features.known_share_1h is 'How much of the last 1h has been observed. Unit: share.';
comment on column station_features.bikes_mean_3h is 'Mean of the bikes over 3h. Unit: bikes.';
comment on column station_features.bikes_sd_3h is 'Standard deviation of the bikes over 3h. Unit: bikes.';
comment on column station_features.bikes_min_3h is 'Fewest bikes within 3h. Unit: bikes.';
comment on column station_features.bikes_max_3h is 'Most bikes within 3h. Unit: bikes.';
comment on column station_features.known_share_3h is 'How much of the last 3h has been observed. Unit: share.';
comment on column station_features.bikes_mean_24h is 'Mean of the bikes over 24h. Unit: bikes.';
comment on column station_features.bikes_sd_24h is 'Standard deviation of the bikes over 24h. Unit: bikes.';
comment on column station_features.bikes_min_24h is 'Fewest bikes within 24h. Unit: bikes.';
comment on column station_features.bikes_max_24h is 'Most bikes within 24h. Unit: bikes.';
comment on column station_features.known_share_24h is 'How much of the last 24h has been observed. Unit: share.';
comment on column station_features.bikes_mean_168h is 'Mean of the bikes over 168h. Unit: bikes.';
comment on column station_features.bikes_sd_168h is 'Standard deviation of the bikes over 168h. Unit: bikes.';
comment on column station_features.bikes_min_168h is 'Fewest bikes within 168h. Unit: bikes.';
comment on column station_features.bikes_max_168h is 'Most bikes within 168h. Unit: bikes.';
comment on column station_features.known_share_168h is 'How much of the last 168h has been observed. Unit: share.';
comment on column station_features.departures_1h is 'Bikes that left within 1h, as far as observations show. Unit: bikes.';
comment on column station_features.arrivals_1h is 'Bikes that came within 1h, as far as observations show. Unit: bikes.';
comment on column station_features.departures_3h is 'Bikes that left within 3h, as far as observations show. Unit: bikes.';
comment on column station_features.arrivals_3h is 'Bikes that came within 3h, as far as observations show. Unit: bikes.';
comment on column station_features.departures_24h is 'Bikes that left within 24h, as far as observations show. Unit: bikes.';
comment on column station_features.arrivals_24h is 'Bikes that came within 24h, as far as observations show. Unit: bikes.';
comment on column station_features.empty_share_3h is 'The part of the last 3h without a bike. Unit: share.';
comment on column station_features.full_share_3h is 'The part of the last 3h without a free dock. Unit: share.';
comment on column station_features.empty_share_24h is 'The part of the last 24h without a bike. Unit: share.';
comment on column station_features.full_share_24h is 'The part of the last 24h without a free dock. Unit: share.';
comment on column station_features.empty_share_168h is 'The part of the last 168h without a bike. Unit: share.';
comment on column station_features.full_share_168h is 'The part of the last 168h without a free dock. Unit: share.';
comment on column station_features.rebalancings_24h is 'Jumps within 24h that look like a truck. Unit: jumps.';
comment on column station_features.rebalancing_age_min is 'Time since the last jump that looks like a truck. Unit: min.';
comment on column station_features.hour_sin is 'Local time of day on a circle. Unit: -1 to 1.';
comment on column station_features.hour_cos is 'Local time of day on a circle. Unit: -1 to 1.';
comment on column station_features.weekday_sin is 'Local day of the week on a circle. Unit: -1 to 1.';
comment on column station_features.weekday_cos is 'Local day of the week on a circle. Unit: -1 to 1.';
comment on column station_features.is_weekend is 'Saturday or Sunday. Unit: 0 or 1.';
comment on column station_features.is_holiday is 'A public holiday. Unit: 0 or 1.';
comment on column station_features.temperature_c is 'Air temperature. Unit: °C.';
comment on column station_features.feels_like_c is 'Apparent temperature. Unit: °C.';
comment on column station_features.humidity_percent is 'Relative humidity. Unit: %.';
comment on column station_features.wind_mps is 'Wind speed. Unit: m/s.';
comment on column station_features.precipitation_mm is 'Precipitation of the last hour. Unit: mm.';
comment on column station_features.cloud_cover_percent is 'Cloud cover. Unit: %.';
comment on column station_features.pressure_hpa is 'Air pressure at sea level. Unit: hPa.';
comment on column station_features.temperature_change_3h_c is 'By how much it has become warmer within 3h. Unit: °C.';
comment on column station_features.weather_age_min is 'Time since the weather was read. Unit: min.';
