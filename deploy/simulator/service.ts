import type { Service } from '@velocast/runtime'
import { simulatorConfig } from './config.ts'
import { optionsFromConfig } from './options-from-config.ts'
import { startSimulator } from './start-simulator.ts'

/** The simulator as a process of its own. */
export const simulatorService: Service<typeof simulatorConfig> = {
  name: 'simulator',
  config: simulatorConfig,
  start: async ({ config, log, defer }) => {
    const simulator = await startSimulator({
      ...optionsFromConfig(config, (message) => log.info(message)),
      onError: (error) => log.error({ err: error }, 'a request could not be answered'),
    })
    defer('simulator', simulator.stop)
    const { gbfsAddress, openMeteoAddress, openWeatherMapAddress, info } = simulator
    log.info({ gbfsAddress, openMeteoAddress, openWeatherMapAddress, ...info }, 'serving')
  },
}
