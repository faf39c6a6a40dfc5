/** What a systems file needs to know of an operator, asked of the operator's own feeds. */
import { readAutoDiscovery, readStationInformation } from '@velocast/producers'
import { countryOfTimeZone, type SystemConfig } from '@velocast/runtime'
import { isSystemId } from '@velocast/schemas'
import type { Static } from 'typebox'
import { CommandError } from '../terminal/until-interrupted.ts'

export type DescribedSystem = Static<typeof SystemConfig>

export interface SystemHints {
  systemId?: string
  timeZone?: string
  country?: string
  region?: string
}

const WITHIN_MS = 20_000

/** Throws a CommandError that says which feed did not answer, or what to give on the command line. */
export const describeSystem = async (address: string, hints: SystemHints): Promise<DescribedSystem> => {
  if (!/^https?:\/\//.test(address))
    throw new CommandError(`${address} is not the address of a gbfs.json: it begins with http:// or https://`)
  const discovery = await getJson(address)
  const feeds = readAutoDiscovery(discovery, address)
  const information = (await systemInformation(discovery, address)) ?? {}
  const polledAt = Date.now()
  const { stations } = readStationInformation(await getJson(feeds.stationInformation), { polledAt })
  const systemId = hints.systemId ?? idFrom(information.system_id)
  const timeZone = hints.timeZone ?? (typeof information.timezone === 'string' ? information.timezone : null)
  if (!systemId) throw new CommandError('the feed names no system_id that can be used: give one with --id')
  if (!timeZone)
    throw new CommandError('the feed names no time zone: give one with --time-zone, such as Europe/Oslo')
  const country = hints.country ?? countryOfTimeZone(timeZone)
  if (!country)
    throw new CommandError(`no country has the time zone ${timeZone}: give one with --country, such as NO`)
  const placed = stations.filter(
    ({ latitude, longitude }) => Number.isFinite(latitude) && Number.isFinite(longitude),
  )
  if (placed.length === 0) throw new CommandError('the feed names no station with a position')
  return {
    systemId,
    ...(typeof information.name === 'string' ? { name: information.name } : {}),
    gbfs: address,
    timeZone,
    country,
    ...(hints.region ? { region: hints.region } : {}),
    latitude: middle(placed.map(({ latitude }) => latitude)),
    longitude: middle(placed.map(({ longitude }) => longitude)),
  }
}

const getJson = async (address: string): Promise<unknown> => {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(WITHIN_MS) })
    if (!response.ok) throw new Error(`it answered ${response.status}`)
    return await response.json()
  } catch (error) {
    const { cause, message } = error as Error
    throw new CommandError(`${address} cannot be read: ${cause instanceof Error ? cause.message : message}`)
  }
}

/** `system_information` is listed in gbfs.json like the others; what it lacks, the command line can give. */
const systemInformation = async (
  discovery: unknown,
  address: string,
): Promise<Record<string, unknown> | null> => {
  const listed = JSON.stringify(discovery).match(/"url":"([^"]*system_information[^"]*)"/)?.[1]
  if (!listed) return null
  const document = (await getJson(new URL(listed, address).href)) as { data?: Record<string, unknown> }
  return document.data ?? null
}

const idFrom = (value: unknown): string | null => {
  const id = String(value ?? '').replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
  return isSystemId(id) ? id : null
}

const middle = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.floor(sorted.length / 2)]! * 1e5) / 1e5
}
