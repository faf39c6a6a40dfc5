import { portsOf, portVariables, type StackPorts } from './ports.ts'
import { findPortHolder } from './process/port-holder.ts'
import { findRunning } from './process/server-process.ts'
import { type ServerName, serverNames } from './server.ts'
import { type HomeFolders, readPorts } from './stack-home.ts'

/** Servers hold each other's ports in their configuration, so a stack moves as a whole or not at all. */
export async function refuseOtherPorts(home: HomeFolders, ports: StackPorts): Promise<void> {
  const before = await readPorts(home)
  if (before === undefined || JSON.stringify(before) === JSON.stringify(ports)) return
  const running = await Promise.all(serverNames.map((name) => findRunning(home.recordOf(name))))
  if (running.some((record) => record !== undefined)) {
    throw new Error(
      `The stack in ${home.path} runs on other ports (${JSON.stringify(before)}): stop it first (velocast stack down)`,
    )
  }
}

/** Throws when somebody else listens on a port that a server is about to take: who it is, and what to set. */
export async function refuseTakenPorts(
  home: HomeFolders,
  ports: StackPorts,
  names: readonly ServerName[],
): Promise<void> {
  const taken: string[] = []
  for (const name of names) {
    if ((await findRunning(home.recordOf(name))) !== undefined) continue
    for (const port of portsOf(name)) {
      const holder = await findPortHolder(ports[port])
      if (holder === undefined) continue
      const who = holder.pid === undefined ? holder.program : `process ${holder.pid} (${holder.program})`
      taken.push(
        `port ${ports[port]} (${port}) is held by ${who}: stop it, or set ${portVariables[port]} to a free port`,
      )
    }
  }
  if (taken.length > 0) {
    throw new Error(
      `The stack cannot start:\n  ${taken.join('\n  ')}\nVELOCAST_PORT_OFFSET moves all ports at once.`,
    )
  }
}
