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

  const topics = program.command('topics').description('the topics')
  topics
    .command('grow')
    .description(
      'give all topics as many partitions as KAFKA_PARTITIONS says, and move what systems have there; everything else must be stopped',
    )
    .action(async () => {
      const { serviceEnvironment } = await import('../setup/service-environment.ts')
      const { connectToKafka } = await import('../setup/connect.ts')
      const { untilInterrupted } = await import('../terminal/until-interrupted.ts')
      await untilInterrupted(async ({ defer, signal }) => {
        const kafka = connectToKafka(await serviceEnvironment())
        defer(() => kafka.close())
        const { from, to, copied } = await kafka.growTopics(signal)
        const records = Object.values(copied).reduce((sum, count) => sum + count, 0)
        process.stdout.write(
          from === to
            ? `all topics have ${to} partitions already\n`
            : `${from} partitions have become ${to}; ${records} records of systems that moved were copied\n`,
        )
      })
    })
}
