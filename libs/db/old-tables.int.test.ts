/** The tables of the system before Velocast, as other tools read them by SQL. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { vectorFeatureNames } from '@velocast/features'
import type { StationStatus, StationVector } from '@velocast/schemas'
import { createTestDatabase, generateStatus, silentLog, type TestDatabase } from '@velocast/testkit'
import { openDatabase } from './open-database.ts'
import { upsertRows } from './rows/upsert-rows.ts'
import type { TopicTable } from './tables/topic-table.ts'
import { topicTables } from './tables/topic-tables.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const startAt = Date.UTC(2026, 4, 4, 22)

/** Columns and types as they were; what we add comes after them. */
const views = {
  bike_stations:
    'station_id text, name text, latitude double precision, longitude double precision, capacity integer, is_active boolean',
  bike_station_status:
    'station_id text, timestamp timestamp without time zone, bikes_available integer, docks_available integer, ' +
    'bikes_disabled integer, docks_disabled integer, is_installed boolean, is_renting boolean, is_returning boolean',
  weather_data:
    'timestamp timestamp without time zone, temperature double precision, feels_like double precision, ' +
    'humidity double precision, wind_speed double precision, precipitation double precision, weather_condition text, ' +
    'pressure double precision, visibility double precision',
  features:
    'station_id text, timestamp timestamp without time zone, feature_json jsonb, feature_version text',
  predictions:
    'station_id text, prediction_timestamp timestamp without time zone, predicted_demand double precision, ' +
    'model_version text, model_name text, confidence_interval_lower double precision, ' +
    'confidence_interval_upper double precision, prediction_horizon_hours integer',
  model_performance:
    'model_name text, model_version text, evaluation_date timestamp without time zone, rmse double precision, ' +
    'mae double precision, mape double precision, r2_score double precision, data_drift_score double precision',
  data_quality_checks:
    'check_name text, table_name text, check_timestamp timestamp without time zone, status text, expected_value text, ' +
    'actual_value text, error_message text',
  latest_station_status:
    'station_id text, name text, latitude double precision, longitude double precision, capacity integer, ' +
    'timestamp timestamp without time zone, bikes_available integer, docks_available integer, bikes_disabled integer, ' +
    'docks_disabled integer, is_installed boolean, is_renting boolean, is_returning boolean',
  hourly_demand:
    'station_id text, hour timestamp without time zone, departures integer, arrivals integer, ' +
    'average_bikes double precision, min_bikes integer, max_bikes integer, observations integer',
  daily_station_stats:
    'station_id text, date date, departures integer, arrivals integer, average_bikes double precision, ' +
    'min_bikes integer, max_bikes integer, average_docks double precision, observations integer, ' +
    'empty_observations integer, full_observations integer',
}

let made: TestDatabase
before(async () => {
  made = await createTestDatabase()
})
after(() => made.drop())

const read = async (sql: string): Promise<unknown[][]> =>
  (await made.database.query(sql)).rows.map((row) => Object.values(row))

describe('the old tables', () => {
  const [first] = generateStatus({ seed: 1, stations: 1, polls: 1, startAt })
  const report = (minutes: number, bikes: number, change: Partial<StationStatus> = {}): StationStatus => ({
    ...first!,
    stationId: 'a',
    observedAt: startAt + minutes * MINUTE_MS,
    polledAt: startAt + minutes * MINUTE_MS + 1_000,
    bikes,
    docks: 10 - bikes,
    isInstalled: true,
    ...change,
  })

  before(async () => {
    const { systemId } = first!
    const write = <T>(table: TopicTable<T>, ...values: T[]) =>
      upsertRows(
        made.database,
        table,
        values.flatMap((value) => table.rowsFrom(value)),
      )
    const station = {
      systemId,
      name: 'One',
      latitude: 47,
      longitude: 8,
      capacity: 10,
      isVirtual: false,
      regionId: null,
      polledAt: startAt,
    }
    await write(
      topicTables.stationInformation,
      { ...station, stationId: 'a' },
      { ...station, stationId: 'silent', capacity: null },
    )
    await write(
      topicTables.stationStatus,
      report(0, 4),
      report(30, 1),
      report(60, 6),
      report(150, 0),
      report(180, 2, { isInstalled: false }),
      // A guess from trips is in nobody's reports, even where it is the newest.
      report(200, 9, { origin: 'RECONSTRUCTED' }),
    )
    const vector: StationVector = {
      systemId,
      stationId: 'a',
      asOf: startAt,
      polledAt: startAt,
      names: vectorFeatureNames,
      vector: Float32Array.from(vectorFeatureNames, (_, index) => (index === 0 ? 3.5 : Number.NaN)),
    }
    await write(topicTables.stationFeatures, vector)
    await write(topicTables.stationForecasts, {
      systemId,
      stationId: 'a',
      asOf: startAt,
      modelName: 'velocast',
      modelVersion: '7',
      targetAt: [startAt + HOUR_MS, startAt + 24 * HOUR_MS],
      bikesMean: [5.5, 2],
      bikesQ05: [1, 0],
      bikesQ50: [5, 2],
      bikesQ95: [9, 8],
      bikeProbability: [1, 1],
      dockProbability: [1, 1],
      departuresMean: [1, 1],
    })
    await write(topicTables.weatherObservations, {
      systemId,
      locationId: 'centre',
      provider: 'open-meteo',
      observedAt: startAt,
      polledAt: startAt + MINUTE_MS,
      temperatureC: 12.5,
      feelsLikeC: Number.NaN,
      humidityPercent: 60,
      windSpeedMps: 3,
      precipitationMm: 0,
      cloudCoverPercent: 50,
      pressureHpa: 1013,
      visibilityM: Number.NaN,
      condition: 'rain',
    })
    const promotion = {
      systemId,
      modelName: 'velocast',
      modelVersion: '7',
      runId: null,
      triggerId: null,
      promotedAt: startAt,
      artifactUri: '',
      manifestSha256: '',
      features: [],
      fingerprint: '',
      previousVersion: null,
      reason: '',
      metrics: { rmse: 2, mae: 1.5, mape: 0.25, r2: 0.75, rmse_1h: 1 },
    }
    await write(topicTables.modelPromoted, promotion)
    await write(topicTables.modelRejected, {
      systemId,
      modelName: 'velocast',
      modelVersion: '8',
      promotedAt: startAt,
      replicaId: 'replica-1',
      rejectedAt: startAt + HOUR_MS,
      reason: 'CHECKSUM',
      detail: 'no evaluation',
      triggerId: null,
      metrics: {},
    })
    await write(
      topicTables.dataQuality,
      ...['weather-age', 'feature-parity', 'completeness'].map((rule) => ({
        systemId,
        stationId: null,
        rule,
        checkedAt: startAt,
        status: 'WARN' as const,
        expected: '1',
        actual: '0.9',
        detail: 'look',
        vetoesTraining: false,
        value: 0.9,
      })),
    )
  })

  for (const [view, columns] of Object.entries(views))
    test(`${view} has the columns that it had`, async () => {
      const found = await read(
        `select column_name || ' ' || data_type from information_schema.columns
         where table_schema = 'public' and table_name = '${view}' order by ordinal_position`,
      )
      const wanted = columns.split(', ')
      assert.deepEqual(found.flat().slice(0, wanted.length), wanted)
      assert.equal(found.flat().at(-1), 'system_id text')
    })

  test('stations say what is on the street, and their newest report is found', async () => {
    assert.deepEqual(await read('select station_id, capacity, is_active from bike_stations order by 1'), [
      ['a', 10, false],
      ['silent', null, true],
    ])
    assert.deepEqual(
      await read('select station_id, "timestamp"::text, bikes_available from latest_station_status'),
      [['a', '2026-05-05 01:00:00', 2]],
    )
  })

  test('times are UTC, whatever the zone of who asks', async () => {
    const tokyo = openDatabase({
      url: made.url,
      log: silentLog,
      applicationName: 'test',
      settings: { timezone: 'Asia/Tokyo' },
    })
    const { rows } = await tokyo.query(
      'select max("timestamp")::text as newest, count(*) as reports from bike_station_status',
    )
    await tokyo.close()
    assert.deepEqual(rows, [{ newest: '2026-05-05 01:00:00', reports: 5 }])
  })

  test('what is not known is null, and has no key among the features', async () => {
    assert.deepEqual(
      await read(
        'select "timestamp"::text, temperature, feels_like, weather_condition, visibility from weather_data',
      ),
      [['2026-05-04 22:00:00', 12.5, null, 'rain', null]],
    )
    assert.deepEqual(await read('select station_id, feature_json, feature_version from features'), [
      ['a', { [vectorFeatureNames[0]!]: 3.5 }, '0012_features'],
    ])
  })

  test('a forecast is one row a target', async () => {
    assert.deepEqual(
      await read(
        `select prediction_timestamp::text, predicted_demand, model_version, confidence_interval_lower,
           confidence_interval_upper, prediction_horizon_hours, target_timestamp::text
         from predictions order by prediction_horizon_hours`,
      ),
      [
        ['2026-05-04 22:00:00', 5.5, '7', 1, 9, 1, '2026-05-04 23:00:00'],
        ['2026-05-04 22:00:00', 2, '7', 0, 8, 24, '2026-05-05 22:00:00'],
      ],
    )
  })

  test('evaluations and checks are listed', async () => {
    assert.deepEqual(
      await read('select model_version, rmse, mae, mape, r2_score, data_drift_score from model_performance'),
      [['7', 2, 1.5, 0.25, 0.75, null]],
    )
    assert.deepEqual(
      await read('select check_name, table_name, status, error_message from data_quality_checks order by 1'),
      [
        ['completeness', 'bike_station_status', 'WARN', 'look'],
        ['feature-parity', 'features', 'WARN', 'look'],
        ['weather-age', 'weather_data', 'WARN', 'look'],
      ],
    )
  })

  test('departures and arrivals are changes between reports at most an hour apart', async () => {
    assert.deepEqual(
      await read(
        `select hour::text, departures, arrivals, average_bikes, min_bikes, max_bikes, observations
         from hourly_demand order by hour`,
      ),
      [
        ['2026-05-04 22:00:00', 3, 0, 2.5, 1, 4, 2],
        ['2026-05-04 23:00:00', 0, 5, 6, 6, 6, 1],
        // The report before is of an hour and a half ago.
        ['2026-05-05 00:00:00', 0, 0, 0, 0, 0, 1],
        ['2026-05-05 01:00:00', 0, 2, 2, 2, 2, 1],
      ],
    )
    assert.deepEqual(
      await read(
        `select date, departures, arrivals, min_bikes, max_bikes, observations, empty_observations, full_observations
         from daily_station_stats order by date`,
      ),
      [
        ['2026-05-04', 3, 5, 1, 6, 3, 0, 0],
        ['2026-05-05', 0, 2, 0, 2, 2, 1, 0],
      ],
    )
  })

  test('who reads dashboards reads these views and nothing else', async (context) => {
    const able = await read(
      "select 1 from pg_roles where rolname = 'velocast_dashboard' and pg_has_role(rolname, 'set')",
    )
    if (able.length === 0) return context.skip('this log-in is no member of the role')
    await made.database.withConnection(async (session) => {
      await session.query('set role velocast_dashboard')
      try {
        for (const view of Object.keys(views)) await session.query(`select * from ${view} limit 1`)
        for (const table of ['station_status', 'station_features', 'schema_migrations'])
          await assert.rejects(session.query(`select * from ${table} limit 1`), { code: '42501' }, table)
        await assert.rejects(session.query('delete from bike_station_status'), { code: '42501' })
      } finally {
        await session.query('reset role')
      }
    })
  })
})

describe('on full tables', () => {
  before(async () => {
    await made.database.query(`
      truncate station_status;
      insert into station_information
        select 'big', 's' || n, 'S', 47, 8, 20, false, null, now() from generate_series(1, 40) as n;
      insert into station_status
        select 'big', 's' || n, at, at, null, n % 20, null, 20 - n % 20, 0, 0, true, true, true, 20, 47, 8, 'REPORTED'
        from generate_series(timestamptz '2026-06-04 00:00+00', timestamptz '2026-06-06 00:00+00', interval '15 min') as at,
          generate_series(1, 40) as n;
      analyze station_information, station_status`)
  })

  const planOf = async (sql: string): Promise<string> =>
    (await read(`explain (costs off) ${sql}`)).flat().join('\n')

  test('the newest report of each station is found in the index of each', async () => {
    const plan = await planOf('select * from latest_station_status')
    assert.match(plan, /station_status_key/)
    assert.doesNotMatch(plan, /Seq Scan on _hyper/)
  })

  test('the newest rows, the maximum and a span of time are read from the index of UTC times', async () => {
    for (const sql of [
      'select max("timestamp") from bike_station_status',
      'select * from bike_station_status order by "timestamp" desc limit 10',
      `select s.name, b.bikes_available from bike_stations s join bike_station_status b on b.station_id = s.station_id
       where b."timestamp" > timestamp '2026-06-05 23:00'`,
      `select station_id, departures from hourly_demand where hour >= timestamp '2026-06-05 22:00'`,
    ]) {
      const plan = await planOf(sql)
      assert.match(plan, /station_status_by_utc/, sql)
      assert.doesNotMatch(plan, /Seq Scan on _hyper/, `${sql}\n${plan}`)
    }
  })

  test('counts a day are counts', async () => {
    assert.deepEqual(
      await read(
        `select date_trunc('day', "timestamp")::date, count(*)::int from bike_station_status
         where system_id = 'big' group by 1 order by 1 desc limit 2`,
      ),
      [
        ['2026-06-06', 40],
        ['2026-06-05', 3_840],
      ],
    )
    const [[days, observations]] = (await read(
      `select count(*)::int, sum(observations)::int from daily_station_stats where system_id = 'big' and station_id = 's1'`,
    )) as [[number, number]]
    assert.deepEqual([days, observations], [3, 193])
  })
})
