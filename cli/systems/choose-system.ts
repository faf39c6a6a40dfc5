import { loadSystems, type System } from '@velocast/runtime'
import { CommandError } from '../terminal/until-interrupted.ts'

/** The system that a command is about: the one named, or the only one there is. */
export const chooseSystem = (systemsFile: string, wanted: string | undefined): System => {
  const systems = loadSystems(systemsFile)
  const known = systems.map(({ systemId }) => systemId).join(', ')
  if (wanted === undefined && systems.length > 1)
    throw new CommandError(`name the system with --system: ${known}`)
  const system = wanted === undefined ? systems[0] : systems.find(({ systemId }) => systemId === wanted)
  if (!system)
    throw new CommandError(`there is no system ${wanted ?? ''} in ${systemsFile}, only ${known || 'none'}`)
  return system
}
