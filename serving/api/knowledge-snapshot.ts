/**
 * What a predictor knows, as one file: so that after a restart it answers at once, with everything else down.
 * Layout: the length of a JSON header (4 bytes, little-endian), the header, then the vectors as little-endian floats,
 * then the levels of each station's past as little-endian 16-bit numbers.
 */
import type { StationInformation, WeatherForecast } from '@velocast/schemas'
import type { Knowledge } from './knowledge.ts'

const FORMAT = 2
const LENGTH_BYTES = 4
const FLOAT_BYTES = 4
const LEVEL_BYTES = 2

interface Header {
  format: number
  featureNames: string[]
  vectors: { stationIds: string[]; asOf: number[]; polledAt: number[] }
  stations: StationInformation[]
  weather: WeatherForecast[]
  past: { stationIds: string[]; newestSlots: number[]; slots: number }
}

export const encodeKnowledge = (knowledge: Knowledge): Buffer => {
  const rows = [...knowledge.vectors.all()]
  const past = [...knowledge.past.all()]
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
    past: {
      stationIds: past.map(([stationId]) => stationId),
      newestSlots: past.map(([, newestSlot]) => newestSlot),
      slots: past[0]?.[2].length ?? 0,
    },
  }
  const text = Buffer.from(JSON.stringify(header))
  const width = header.featureNames.length
  const floats = rows.length * width * FLOAT_BYTES
  const levels = past.length * header.past.slots * LEVEL_BYTES
  const bytes = Buffer.alloc(LENGTH_BYTES + text.length + floats + levels)
  bytes.writeUInt32LE(text.length, 0)
  text.copy(bytes, LENGTH_BYTES)
  let at = LENGTH_BYTES + text.length
  for (const { vector } of rows) for (const value of vector) at = bytes.writeFloatLE(value, at)
  for (const [, , stored] of past) for (const level of stored) at = bytes.writeUInt16LE(level, at)
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
  const levelsAt = floatsAt + stationIds.length * width * FLOAT_BYTES
  const { past } = header
  if (bytes.length !== levelsAt + past.stationIds.length * past.slots * LEVEL_BYTES)
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
  for (const [row, stationId] of past.stationIds.entries()) {
    const levels = Uint16Array.from({ length: past.slots }, (_, index) =>
      bytes.readUInt16LE(levelsAt + (row * past.slots + index) * LEVEL_BYTES),
    )
    knowledge.past.restore(stationId, past.newestSlots[row]!, levels)
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
