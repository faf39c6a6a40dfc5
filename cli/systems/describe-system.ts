/** What a systems file needs to know of an operator, asked of the operator's own feeds. */
import type { FeedCheck } from '@velocast/producers'
import { countryOfTimeZone, type SystemConfig } from '@velocast/runtime'
import { isSystemId } from '@velocast/schemas'
import type { Static } from 'typebox'
import { EXIT } from '../terminal/exit-code.ts'
import { CommandError } from '../terminal/until-interrupted.ts'
import { type CheckOptions, checkSystem } from './check-system.ts'

export type DescribedSystem = Static<typeof SystemConfig>

export interface SystemHints extends Omit<CheckOptions, 'env'> {
  systemId?: string | undefined
  timeZone?: string | undefined
  country?: string | undefined
  region?: string | undefined
}

/** Throws a CommandError that says why the feed cannot be followed, or what to give on the command line. */
export const describeSystem = async (address: string, hints: SystemHints): Promise<DescribedSystem> => {
  requireAddress(address)
  const { check } = await checkSystem(address, { ...hints, env: process.env })
  if (!check.isFollowable)
    throw new CommandError(`${address} cannot be followed: ${check.reasons.join('; ')}`, EXIT.no)
  const { system } = check
  const systemId = hints.systemId ?? idFrom(system.systemId)
  const timeZone = hints.timeZone ?? system.timeZone
  if (!systemId) throw new CommandError('the feed names no system_id that can be used: give one with --id')
  if (!timeZone)
    throw new CommandError('the feed names no time zone: give one with --time-zone, such as Europe/Oslo')
  const country = hints.country ?? system.country ?? countryOfTimeZone(timeZone)
  if (!country)
    throw new CommandError(`no country has the time zone ${timeZone}: give one with --country, such as NO`)
  return {
    systemId,
    ...(system.name === null ? {} : { name: system.name }),
    gbfs: address,
    ...(hints.gbfsKey ? { gbfsKey: hints.gbfsKey } : {}),
    timeZone,
    country,
    ...(hints.region ? { region: hints.region } : {}),
    ...middleOf(check),
  }
}

/** Throws a CommandError when it is not even the beginning of an address. */
export const requireAddress = (given: string): void => {
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given))
    throw new CommandError(`${given} is not the address of a gbfs.json: it begins with http:// or https://`)
}

const idFrom = (systemId: string | null): string | null => {
  const id = (systemId ?? '').replaceAll(/[^A-Za-z0-9_.-]+/g, '-')
  return isSystemId(id) ? id : null
}

/** A station in the middle of town: one that is far out, by mistake or not, moves nothing. */
const middleOf = ({ information }: FeedCheck): { latitude: number; longitude: number } => {
  const stations = information?.stations ?? []
  if (stations.length === 0) throw new CommandError('the feed names no station with a position')
  return {
    latitude: median(stations.map(({ latitude }) => latitude)),
    longitude: median(stations.map(({ longitude }) => longitude)),
  }
}

const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.floor(sorted.length / 2)]! * 1e5) / 1e5
}
