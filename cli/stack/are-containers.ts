import { existsSync } from 'node:fs'
import { EXIT } from '../terminal/exit-code.ts'
import { CommandError } from '../terminal/until-interrupted.ts'
import { type AskDocker, dockerAnswers, findDockerProblem } from './find-docker-problem.ts'

export interface Machine {
  /** The variable VELOCAST_SERVERS. */
  wanted: string | undefined
  /** Plain processes are root's right, on Debian or Ubuntu. */
  canRunProcesses: boolean
  ask?: AskDocker
}

const thisMachine = (): Machine => ({
  wanted: process.env.VELOCAST_SERVERS,
  canRunProcesses: process.getuid?.() === 0 && existsSync('/etc/debian_version'),
})

/**
 * Whether the servers are containers: as VELOCAST_SERVERS says, `processes` or `containers`; otherwise where they cannot be
 * plain processes and a Docker engine answers.
 */
export const areContainers = async (
  { wanted, canRunProcesses, ask }: Machine = thisMachine(),
): Promise<boolean> => {
  if (wanted === 'containers' || wanted === 'processes') return wanted === 'containers'
  if (wanted) throw new CommandError(`VELOCAST_SERVERS is "${wanted}": it can be processes or containers`)
  return !canRunProcesses && (await dockerAnswers(ask))
}

/** Throws where nobody has chosen and the servers can be neither: what there is to choose from, and what each one lacks. */
export const requireWayToRun = async (
  { wanted, canRunProcesses, ask }: Machine = thisMachine(),
): Promise<void> => {
  if (wanted || canRunProcesses || (await dockerAnswers(ask))) return
  throw new CommandError(
    'The servers run as plain processes for root on Debian or Ubuntu (the same command with sudo), or as containers for ' +
      `anybody with Docker. ${await findDockerProblem(ask)}`,
    EXIT.unavailable,
  )
}
