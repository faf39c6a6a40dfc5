import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { updatedAtOf } from '@velocast/producers'
import { CommandError } from '../terminal/until-interrupted.ts'
import { pathIn, readSaved } from './request-files.ts'
import { besideEntrance, entrancesIn } from './saved-documents.ts'

/** Where the reading of a feed begins. */
export interface Entrance {
  address: string
  /** In a folder of several feeds, or of several moments of one: the files that it could have begun with as well. */
  others: string[]
}

/** Many a folder has a file for each minute: of so many names, the last ones, it is looked which is newest. */
const MOST_COMPARED = 50

/** The address that a person gave, or that of the file of this name. Throws a CommandError when it is neither. */
export const findEntrance = async (given: string): Promise<Entrance> => {
  if (/^https?:\/\//i.test(given) && URL.canParse(given)) return { address: given, others: [] }
  const path = given.startsWith('file:') ? pathIn(given) : given
  if (path === null || !existsSync(path))
    throw new CommandError(
      `${given} is neither a file nor the address of a gbfs.json, which begins with http:// or https://`,
    )
  if (!statSync(path).isDirectory())
    // The name of a feed may stand in the query of an address.
    return { address: given.startsWith('file:') ? given : pathToFileURL(path).href, others: [] }
  const names = namesIn(path, given)
  const entrance = await newestOf(entrancesIn(names), path)
  if (entrance === null)
    throw new CommandError(`there is no gbfs.json and no station_status.json in ${given}`)
  return { address: pathToFileURL(join(path, entrance)).href, others: besideEntrance(names, entrance) }
}

const namesIn = (folder: string, given: string): string[] => {
  try {
    return readdirSync(folder)
  } catch {
    throw new CommandError(`${given} is a folder that may not be read`)
  }
}

/** The file whose document is the newest by its own word, else the last one that can be read; null where there is none. */
const newestOf = async (names: readonly string[], folder: string): Promise<string | null> => {
  let newest = { name: names.at(-1) ?? null, updatedAt: UNREADABLE }
  if (names.length < 2) return newest.name
  for (const name of names.slice(-MOST_COMPARED)) {
    const saidIn = (document: unknown): number => updatedAtOf(document) ?? UNDATED
    const updatedAt = await readSaved(join(folder, name)).then(saidIn, () => UNREADABLE)
    if (updatedAt >= newest.updatedAt) newest = { name, updatedAt }
  }
  return newest.name
}

/** Moments before all others. */
const UNDATED = Number.MIN_SAFE_INTEGER
const UNREADABLE = Number.NEGATIVE_INFINITY
