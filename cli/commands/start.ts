import { join } from 'node:path'
import type { Command } from 'commander'
import { terminalProgress } from '../terminal/terminal-progress.ts'
import { untilInterrupted } from '../terminal/until-interrupted.ts'

export const addStart = (program: Command): void => {
  program
    .command('start')
    .description('the whole pipeline on the configured systems, with local servers unless others are named')
    .option('--system <gbfs.json address>', 'add this system first, as `velocast system add` does')
    .action(async ({ system }) => {
      const { closeStack, openStack } = await import('../stack/open-stack.ts')
      const { serviceEnvironment, serversIn } = await import('../setup/service-environment.ts')
      const { connectToKafka, migrateDatabase, prepareTopics } = await import('../setup/connect.ts')
      const { keepRunning } = await import('../processes/keep-running.ts')
      const { pipelineServices } = await import('../processes/services.ts')
      const { addSystem } = await import('../systems/systems-file.ts')
      const { requireAddress } = await import('../systems/describe-system.ts')
      const { dataFolder } = await import('../folders.ts')
      const { loadSystems } = await import('@velocast/runtime')
      const progress = terminalProgress()
      // Servers take minutes to install: not before it is known what for.
      if (system) requireAddress(system)
      else loadSystems(process.env.SYSTEMS_FILE ?? join(dataFolder, 'systems.json'))

      await untilInterrupted(async ({ defer, signal }) => {
        const local = process.env.DATABASE_URL ? null : await openStack(progress, signal)
        if (local?.isStartedHere) defer(() => closeStack(progress))
        const env = { ...(await serviceEnvironment()), ...local?.env }
        if (system) progress.line(await addSystem(env.SYSTEMS_FILE!, system, {}))
        const systems = loadSystems(env.SYSTEMS_FILE!)
        const kafka = connectToKafka(env)
        defer(() => kafka.close())
        await progress.step('Topics, schemas, tables', () =>
          Promise.all([prepareTopics(kafka), migrateDatabase(serversIn(env).DATABASE_URL)]),
        )
        const host = env.API_HOST ?? '127.0.0.1'
        progress.line(`following ${systems.map(({ systemId }) => systemId).join(', ')}; Ctrl-C stops`)
        progress.line(
          `forecasts at http://${host}:${env.API_PORT ?? 8000}/docs, once a model has been trained`,
        )
        await keepRunning({
          names: pipelineServices(env),
          env,
          logFolder: join(dataFolder, 'logs'),
          signal,
          say: (line) => progress.line(line),
        })
      })
    })
}
