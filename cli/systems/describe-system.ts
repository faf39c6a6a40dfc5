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
  /** The middle of town. */
  position?: Position | undefined
}

export interface Position {
  latitude: number
  longitude: number
}

/** Throws a CommandError that says why the feed cannot be followed, or what to give on the command line. */
export const describeSystem = async (address: string, hints: SystemHints): Promise<DescribedSystem> => {
  requireAddress(address)
  const { check } = await checkSystem(address, { ...hints, env: process.env })
  if (!check.isFollowable)
    throw new CommandError(`${address} cannot be followed: ${check.reasons.join('; ')}`, EXIT.no)
  const { systemId, timeZone, country, position } = factsOf(check, hints)
  const missing = missingFacts(check, hints)
  if (!systemId || !timeZone || !country || !position)
    throw new CommandError(missing.map(({ why, option }) => `${why}: give ${option}`).join('\n'))
  return {
    systemId,
    ...(check.system.name === null ? {} : { name: check.system.name }),
    gbfs: address,
    ...(hints.gbfsKey ? { gbfsKey: hints.gbfsKey } : {}),
    timeZone,
    country,
    ...(hints.region ? { region: hints.region } : {}),
    ...(check.system.licence === null ? {} : { dataLicence: check.system.licence }),
    ...position,
  }
}

export interface MissingFact {
  why: string
  /** By which it is given on the command line. */
  option: string
}

/** What neither the feed nor the command line says, though a system cannot be added without it. */
export const missingFacts = (check: FeedCheck, hints: SystemHints = {}): MissingFact[] => {
  const { systemId, timeZone, country, position } = factsOf(check, hints)
  return [
    ...(systemId ? [] : [{ why: 'the feed names no system_id that can be used', option: '--id' }]),
    ...(timeZone ? [] : [{ why: 'the feed names no time zone', option: '--time-zone, such as Europe/Oslo' }]),
    ...(country || !timeZone
      ? []
      : [{ why: `no country has the time zone ${timeZone}`, option: '--country, such as NO' }]),
    ...(position
      ? []
      : [{ why: 'the feed names no station with a position', option: '--latitude and --longitude' }]),
  ]
}

const factsOf = ({ system, information }: FeedCheck, hints: SystemHints) => {
  const timeZone = hints.timeZone ?? system.timeZone
  return {
    systemId: hints.systemId ?? idFrom(system.systemId),
    timeZone,
    country: hints.country ?? system.country ?? (timeZone ? countryOfTimeZone(timeZone) : null),
    position: hints.position ?? middleOf(information?.stations ?? []),
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
const middleOf = (stations: readonly Position[]): Position | null =>
  stations.length === 0
    ? null
    : {
        latitude: median(stations.map(({ latitude }) => latitude)),
        longitude: median(stations.map(({ longitude }) => longitude)),
      }

const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return Math.round(sorted[Math.floor(sorted.length / 2)]! * 1e5) / 1e5
}
