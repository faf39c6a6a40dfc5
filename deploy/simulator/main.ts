import { ConfigError, runService } from '@velocast/runtime'
import { simulatorConfig } from './config.ts'
import { environmentFromFlags } from './options-from-config.ts'
import { simulatorService } from './service.ts'

const variables = Object.keys(simulatorConfig.properties).filter((name) => name.startsWith('SIMULATOR_'))
try {
  Object.assign(process.env, environmentFromFlags(process.argv.slice(2), variables))
  await runService(simulatorService, process)
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  const flags = variables.map((name) => `--${name.slice(10).toLowerCase().replaceAll('_', '-')}`)
  process.stderr.write(`simulator: ${error.message}\nFlags: ${flags.join(' ')}\n`)
  process.exitCode = 2
}
