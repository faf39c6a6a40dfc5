import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CommandError } from '../terminal/until-interrupted.ts'

/** What a folder of saved documents is entered by. */
const ENTRANCES = ['gbfs.json', 'station_status.json']

/** The address that a person gave, or that of the file of this name. Throws a CommandError when it is neither. */
export const feedAddress = (given: string): string => {
  if (/^https?:\/\//i.test(given) && URL.canParse(given)) return given
  if (given.startsWith('file:') && URL.canParse(given)) return given
  if (!existsSync(given))
    throw new CommandError(
      `${given} is neither a file nor the address of a gbfs.json, which begins with http:// or https://`,
    )
  if (!statSync(given).isDirectory()) return pathToFileURL(given).href
  const entrance = ENTRANCES.map((name) => join(given, name)).find((path) => existsSync(path))
  if (entrance === undefined) throw new CommandError(`there is no ${ENTRANCES.join(' and no ')} in ${given}`)
  return pathToFileURL(entrance).href
}
