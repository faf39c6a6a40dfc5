import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseSystems } from '@velocast/runtime'
import { CommandError } from '../terminal/until-interrupted.ts'
import { type DescribedSystem, describeSystem, type SystemHints } from './describe-system.ts'

const readEntries = async (path: string): Promise<DescribedSystem[]> => {
  if (!existsSync(path)) return []
  const content = await readJson(path)
  parseSystems(content, path)
  return (content as { systems: DescribedSystem[] }).systems
}

const readJson = async (path: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}`)
  }
}

/**
 * Adds the system behind a gbfs.json to the systems file, or brings its entry up to date; says in a line what it did. The
 * file is replaced as a whole, so that a service that starts meanwhile reads the one or the other.
 */
export const addSystem = async (path: string, address: string, hints: SystemHints): Promise<string> => {
  const system = await describeSystem(address, hints)
  const others = (await readEntries(path)).filter(({ systemId }) => systemId !== system.systemId)
  const isModelTaken = others.some(({ modelName = 'velocast' }) => modelName === 'velocast')
  const entry = isModelTaken ? { ...system, modelName: `velocast-${system.systemId}` } : system
  const content = { systems: [...others, entry] }
  parseSystems(content, path)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`)
  await rename(`${path}.new`, path)
  return `${entry.systemId} (${entry.name ?? 'unnamed'}), ${entry.timeZone}, in ${path}`
}

export const listSystems = (path: string): Promise<DescribedSystem[]> => readEntries(path)
