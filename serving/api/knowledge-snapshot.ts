/**
 * What a predictor knows, as one file: so that after a restart it answers at once, with everything else down.
 * Layout: the length of a JSON header (4 bytes, little-endian), the header, then the vectors as little-endian floats.
 */
import type { StationInformation, WeatherForecast } from '@velocast/schemas'
import type { Knowledge } from './knowledge.ts'

const FORMAT = 1
const LENGTH_BYTES = 4
const FLOAT_BYTES = 4

interface Header {
  format: number
  featureNames: string[]
  vectors: { stationIds: string[]; asOf: number[]; polledAt: number[] }
  stations: StationInformation[]
  weather: WeatherForecast[]
}

export const encodeKnowledge = (knowledge: Knowledge): Buffer => {
  const rows = [...knowledge.vectors.all()]
  const header: Header = {
    format: FORMAT,
    featureNames: [...knowledge.vectors.featureNames],
    vectors: {
      stationIds: rows.map((row) => row.stationId),
      asOf: rows.map((row) => row.asOf),
      polledAt: rows.map((row) => row.polledAt),
    },
    stations: [...knowledge.stations.values()],
    weather: [...knowledge.weatherForecasts()],
  }
  const text = Buffer.from(JSON.stringify(header))
  const width = header.featureNames.length
  const bytes = Buffer.alloc(LENGTH_BYTES + text.length + rows.length * width * FLOAT_BYTES)
  bytes.writeUInt32LE(text.length, 0)
  text.copy(bytes, LENGTH_BYTES)
  let at = LENGTH_BYTES + text.length
  for (const { vector } of rows) for (const value of vector) at = bytes.writeFloatLE(value, at)
  return bytes
}

/** Puts a snapshot's content into `knowledge`, where it does not replace anything newer. Throws when it is not one. */
export const restoreKnowledge = (bytes: Buffer, knowledge: Knowledge): void => {
  const length = bytes.readUInt32LE(0)
  const header = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, LENGTH_BYTES + length)) as Header
  if (header.format !== FORMAT) throw new Error(`the snapshot has format ${header.format}, not ${FORMAT}`)
  const width = header.featureNames.length
  const { stationIds, asOf, polledAt } = header.vectors
  const floatsAt = LENGTH_BYTES + length
  if (bytes.length !== floatsAt + stationIds.length * width * FLOAT_BYTES)
    throw new Error('the snapshot is cut off')
  for (const [row, stationId] of stationIds.entries()) {
    const vector = Float32Array.from({ length: width }, (_, index) =>
      bytes.readFloatLE(floatsAt + (row * width + index) * FLOAT_BYTES),
    )
    knowledge.takeVector(
      { stationId, asOf: asOf[row] as number, polledAt: polledAt[row] as number, vector },
      header.featureNames,
    )
  }
  for (const station of header.stations) knowledge.takeStation(station)
  for (const forecast of header.weather) knowledge.takeWeather(withNaN(forecast))
}

/** JSON has no NaN and writes null instead. */
const withNaN = (forecast: WeatherForecast): WeatherForecast => {
  const restore = (values: readonly (number | null)[]): number[] => values.map((value) => value ?? Number.NaN)
  return {
    ...forecast,
    temperatureC: restore(forecast.temperatureC),
    humidityPercent: restore(forecast.humidityPercent),
    windSpeedMps: restore(forecast.windSpeedMps),
    precipitationMm: restore(forecast.precipitationMm),
  }
}
