import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { CommandError } from '../terminal/until-interrupted.ts'
import { entrancesIn } from './saved-documents.ts'

/** The address that a person gave, or that of the file of this name. Throws a CommandError when it is neither. */
export const feedAddress = (given: string): string => {
  if (/^https?:\/\//i.test(given) && URL.canParse(given)) return given
  if (given.startsWith('file:') && URL.canParse(given)) return given
  if (!existsSync(given))
    throw new CommandError(
      `${given} is neither a file nor the address of a gbfs.json, which begins with http:// or https://`,
    )
  if (!statSync(given).isDirectory()) return pathToFileURL(given).href
  const [entrance, ...others] = entrancesIn(readdirSync(given))
  if (entrance === undefined)
    throw new CommandError(`there is no gbfs.json and no station_status.json in ${given}`)
  if (others.length > 0)
    throw new CommandError(
      `there are several feeds in ${given}: give one of ${[entrance, ...others].join(', ')}`,
    )
  return pathToFileURL(join(given, entrance)).href
}
