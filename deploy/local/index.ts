export { installPythonEnvironment, type PythonEnvironment } from './install/install-python-environment.ts'
export { type PortName, resolvePorts, type StackPorts } from './ports.ts'
export type { OnProgress, StackProgress } from './progress.ts'
export { type ServerName, serverNames } from './server.ts'
export { SHORT_LIVED_BROKER } from './servers/kafka.ts'
export {
  installStack,
  type ServerStatus,
  type StackStatus,
  type StartStackOptions,
  stackStatus,
  startServer,
  startStack,
  stopServer,
  stopStack,
} from './stack.ts'
export { type StackAddresses, stackEnvironment } from './stack-addresses.ts'
export { defaultHome } from './stack-home.ts'
