import type { ServerName } from './server.ts'

/** Kafka's controller is a second listener of the same process, so it is a port but no server. */
export type PortName = ServerName | 'kafkaController'
export type StackPorts = Readonly<Record<PortName, number>>

const standardPorts: StackPorts = {
  postgres: 5432,
  kafka: 9092,
  kafkaController: 9093,
  registry: 8081,
  mlflow: 5000,
}

/** The variable that moves one port alone; `VELOCAST_PORT_OFFSET` moves all that are not set alone. */
export const portVariables: Readonly<Record<PortName, string>> = {
  postgres: 'VELOCAST_POSTGRES_PORT',
  kafka: 'VELOCAST_KAFKA_PORT',
  kafkaController: 'VELOCAST_KAFKA_CONTROLLER_PORT',
  registry: 'VELOCAST_REGISTRY_PORT',
  mlflow: 'VELOCAST_MLFLOW_PORT',
}

export const portNames: readonly PortName[] = ['postgres', 'kafka', 'kafkaController', 'registry', 'mlflow']

export function portsOf(server: ServerName): readonly PortName[] {
  return server === 'kafka' ? ['kafka', 'kafkaController'] : [server]
}

/** The ports that an environment asks for. Throws with every mistake listed: no number, out of range, or one port twice. */
export function resolvePorts(env: Readonly<Record<string, string | undefined>>): StackPorts {
  const mistakes: string[] = []
  const read = (variable: string, fallback: number, lowest: number) => {
    const text = env[variable]
    if (text === undefined || text === '') return fallback
    const value = Number(text)
    if (Number.isInteger(value) && value >= lowest && value <= 65_535) return value
    mistakes.push(`${variable} is "${text}": a whole number from ${lowest} to 65535 is needed`)
    return fallback
  }

  const offset = read('VELOCAST_PORT_OFFSET', 0, 0)
  const ports = Object.fromEntries(
    portNames.map((name) => [name, read(portVariables[name], standardPorts[name] + offset, 1)]),
  ) as StackPorts

  for (const name of portNames) {
    if (ports[name] > 65_535)
      mistakes.push(`VELOCAST_PORT_OFFSET moves the port of ${name} to ${ports[name]}, past 65535`)
    const twin = portNames.find((other) => other !== name && ports[other] === ports[name])
    if (twin !== undefined && name < twin) {
      mistakes.push(`${portVariables[name]} and ${portVariables[twin]} are both ${ports[name]}`)
    }
  }
  if (mistakes.length > 0) throw new Error(`The stack's ports cannot be used:\n  ${mistakes.join('\n  ')}`)
  return ports
}
