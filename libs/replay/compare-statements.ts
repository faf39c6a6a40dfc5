/**
 * The statements that compare replayed vectors with the rows of `station_features`. Vectors go by COPY into a table of the
 * connection, and the server compares: reading a hundred columns of every row over here would take several times as long.
 *
 * Two values are equal when their bits are; one NaN is like another. Parameters: $1 the system, $2 and $3 the bounds of
 * as_of, $4 and $5 those of polled_at, so that only the chunks in question are opened, and by an index.
 */
import { quoteName, topicTables } from '@velocast/db'
import { vectorFeatureNames } from '@velocast/features'

export const stage = 'station_features_replayed'

const { table, key } = topicTables.stationFeatures
const features = vectorFeatureNames.map(quoteName)
const onKey = key.map((name) => `replay.${quoteName(name)} = stored.${quoteName(name)}`).join(' and ')
const inBounds =
  'stored.system_id = $1 and stored.as_of between $2 and $3 and stored.polled_at between $4 and $5'
const stored = `${quoteName(table)} as stored on ${onKey} and ${inBounds}`

const imageOf = (side: string): string =>
  `row(${features.map((name) => `${side}.${name}`).join(', ')})::record`
/** By their images in memory, which is quick, and calls two NaN different that are not the same bits. */
const hasSameImage = `${imageOf('replay')} operator(pg_catalog.*=) ${imageOf('stored')}`

const differsIn = (name: string): string =>
  `(replay.${name} is distinct from stored.${name}
    or (replay.${name} = 0 and float4send(replay.${name}) <> float4send(stored.${name})))`

/**
 * The server knows nothing of the size of a table that was made a moment ago, so it is told how to join: the rows within
 * the bounds, found by their index, hashed. Compiling hundreds of expressions takes longer than evaluating them for one batch.
 */
export const prepareStage = `create temporary table if not exists ${stage} (like ${quoteName(table)} including defaults)
    on commit delete rows;
  set local enable_seqscan = off;
  set local enable_mergejoin = off;
  set local enable_nestloop = off;
  set local jit = off`

export const countByHour = `select date_trunc('hour', replay.polled_at) as hour,
    count(*) as replayed,
    count(stored.system_id) as present,
    count(*) filter (where stored.system_id is not null and not ${hasSameImage}) as inexact
  from ${stage} as replay left join ${stored}
  group by 1`

const inexactRows = `from ${stage} as replay join ${stored} where not ${hasSameImage}`

const largestIn = (name: string): string =>
  `coalesce(max(abs(replay.${name}::float8 - stored.${name}))
    filter (where ${differsIn(name)} and 'NaN' not in (replay.${name}, stored.${name})), 'NaN')`

/** Arrays along the features: in how many rows each differs, and by how much at most; NaN where by no number. */
export const countByFeature = `select
    count(*) filter (where ${features.map(differsIn).join(' or ')}) as different,
    array[${features.map((name) => `count(*) filter (where ${differsIn(name)})`).join(', ')}] as counts,
    array[${features.map(largestIn).join(', ')}] as largest
  ${inexactRows}`

export const findDifferent = (feature: string): string => {
  const name = quoteName(feature)
  return `select replay.station_id, replay.as_of, replay.polled_at, replay.${name} as replayed, stored.${name} as stored
    ${inexactRows} and ${differsIn(name)} order by replay.as_of, replay.station_id limit 1`
}

export const findMissing = `select replay.station_id, replay.as_of, replay.polled_at
  from ${stage} as replay left join ${stored}
  where stored.system_id is null order by replay.as_of, replay.station_id limit 1`

/** $1 the system, $2 to before $3 the window. */
export const countStoredByHour = `select date_trunc('hour', polled_at) as hour, count(*) as stored
  from ${quoteName(table)}
  where system_id = $1 and polled_at >= $2 and polled_at < $3 and as_of < $3
  group by 1 order by 1`
