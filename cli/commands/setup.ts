import type { Command } from 'commander'

export const addSetup = (program: Command): void => {
  program
    .command('migrate')
    .description('bring the database to the newest migration')
    .action(async () => {
      const { serviceEnvironment, serversIn } = await import('../setup/service-environment.ts')
      const { migrateDatabase } = await import('../setup/connect.ts')
      const { applied, edition } = await migrateDatabase(serversIn(await serviceEnvironment()).DATABASE_URL)
      const what = applied.length === 0 ? 'nothing to do' : `applied ${applied.join(', ')}`
      process.stdout.write(`${what} (TimescaleDB, ${edition} edition)\n`)
    })

  const schemas = program.command('schemas').description('topics and Avro schemas')
  schemas
    .command('register')
    .description(
      'create what is missing of the topics, and register every schema with FULL_TRANSITIVE compatibility',
    )
    .action(async () => {
      const { serviceEnvironment } = await import('../setup/service-environment.ts')
      const { connectToKafka, prepareTopics } = await import('../setup/connect.ts')
      const kafka = connectToKafka(await serviceEnvironment())
      try {
        const { created } = await prepareTopics(kafka)
        process.stdout.write(
          `topics created: ${created.length === 0 ? 'none' : created.join(', ')}; all schemas registered\n`,
        )
      } finally {
        await kafka.close()
      }
    })
}
