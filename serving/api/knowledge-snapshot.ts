/**
 * What a predictor knows, as one file: so that after a restart it answers at once, with everything else down.
 * Layout: the length of a JSON header (4 bytes, little-endian), the header, then the vectors as little-endian floats,
 * then the levels of each station's past as little-endian 16-bit numbers.
 */
import { endianness } from 'node:os'
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
  for (const { vector } of rows) at += bytesOf(vector).copy(bytes, at)
  for (const [, , stored] of past) at += bytesOf(stored).copy(bytes, at)
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
  const vectors = new Float32Array(stationIds.length * width)
  readInto(vectors, bytes, floatsAt)
  for (const [row, stationId] of stationIds.entries()) {
    const vector = vectors.subarray(row * width, (row + 1) * width)
    knowledge.takeVector(
      { stationId, asOf: asOf[row] as number, polledAt: polledAt[row] as number, vector },
      header.featureNames,
    )
  }
  const levels = new Uint16Array(past.slots)
  for (const [row, stationId] of past.stationIds.entries()) {
    readInto(levels, bytes, levelsAt + row * past.slots * LEVEL_BYTES)
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

type Numbers = Float32Array | Uint16Array

/** Numbers as they are in the file: millions of them, which nobody can wait for one by one. */
const bytesOf = (numbers: Numbers): Buffer => {
  const { buffer, byteOffset, byteLength } = numbers
  const own = Buffer.from(buffer, byteOffset, byteLength)
  return isBigEndian ? swapped(Buffer.from(own), numbers.BYTES_PER_ELEMENT) : own
}

/** As many as `numbers` has places, from `at` on. */
const readInto = (numbers: Numbers, bytes: Buffer, at: number): void => {
  const own = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength)
  bytes.copy(own, 0, at, at + own.length)
  if (isBigEndian) swapped(own, numbers.BYTES_PER_ELEMENT)
}

const isBigEndian = endianness() === 'BE'

const swapped = (bytes: Buffer, each: number): Buffer =>
  each === FLOAT_BYTES ? bytes.swap32() : bytes.swap16()
