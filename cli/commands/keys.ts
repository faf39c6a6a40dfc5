import type { Command } from 'commander'

export const addKeys = (program: Command): void => {
  const keys = program.command('keys').description('keys of the API: who may ask what, how often, until when')
  addCreate(keys)
  addList(keys)
  addRevoke(keys)
}

const addCreate = (keys: Command): void => {
  keys
    .command('create')
    .description('make a key and show it, this once; every replica knows it within seconds')
    .requiredOption('--name <text>', 'whose it is, or what for')
    .option('--scope <scopes...>', 'forecasts:read, metrics:read, models:write', ['forecasts:read'])
    .option('--tier <name>', 'one of RATE_LIMIT_TIERS', 'standard')
    .option('--expires <when>', '90d, 2027-01-31, or never', '365d')
    .option('--by <name>', 'who makes it', process.env.USER ?? 'a person')
    .option('--json', 'for scripts', false)
    .action(async ({ name, scope: wanted, tier, expires, by, json }) => {
      const { isScope, makeApiKey, scopes } = await import('@velocast/api/access')
      const { parseExpiry } = await import('../keys/expiry.ts')
      const { describeKey } = await import('../keys/present-keys.ts')
      const { writeKey } = await import('../keys/write-key.ts')
      const { CommandError } = await import('../terminal/until-interrupted.ts')
      const { systemClock } = await import('@velocast/runtime')
      const { randomBytes, randomUUID } = await import('node:crypto')

      const unknown = (wanted as string[]).filter((scope) => !isScope(scope))
      if (unknown.length > 0)
        throw new CommandError(
          `there is no scope ${unknown.join(', ')}, only ${Object.keys(scopes).join(', ')}`,
        )
      if (!/^[a-z][a-z0-9-]*$/.test(tier)) throw new CommandError(`--tier ${tier} is not the name of a tier`)
      const expiresAt = mistakesSaid(CommandError, () => parseExpiry(expires, systemClock.now()))
      await withKafka(async (kafka, { signal, now }) => {
        const { text, key } = makeApiKey(
          { name, scopes: wanted, tier, createdBy: by, expiresAt },
          { now, randomBytes },
        )
        await kafka.createTopics()
        await writeKey(kafka, { action: 'key.create', key, by, auditId: randomUUID() }, signal)
        process.stdout.write(
          json
            ? `${JSON.stringify({ key: text, ...describeKey(key, now) })}\n`
            : `${text}\n\nKeep it: it is not shown again. Send it as "Authorization: Bearer KEY" or "X-API-Key: KEY".\n\`velocast keys revoke ${key.keyId}\` takes it back.\n`,
        )
      })
    })
}

const addList = (keys: Command): void => {
  keys
    .command('list')
    .description('the keys there are; none of them is shown whole')
    .option('--all', 'also those that are revoked or have expired', false)
    .option('--json', 'for scripts', false)
    .action(async ({ all, json }) => {
      const { keyStateAt } = await import('@velocast/api/access')
      const { describeKey, presentKeys } = await import('../keys/present-keys.ts')
      const { readKeys } = await import('../keys/read-keys.ts')
      await withKafka(async (kafka, { signal, now }) => {
        const found = (await readKeys(kafka, signal)).all()
        const wanted = all ? found : found.filter((key) => keyStateAt(key, now) === 'good')
        process.stdout.write(
          json
            ? `${JSON.stringify(wanted.map((key) => describeKey(key, now)))}\n`
            : `${presentKeys(wanted, now).join('\n')}\n`,
        )
      })
    })
}

const addRevoke = (keys: Command): void => {
  keys
    .command('revoke')
    .description('take a key back, for good; every replica refuses it within seconds')
    .argument('<id>', 'the 12 digits after velocast_')
    .option('--by <name>', 'who takes it back', process.env.USER ?? 'a person')
    .option('--json', 'for scripts', false)
    .action(async (id, { by, json }) => {
      const { revokeApiKey } = await import('@velocast/api/access')
      const { describeKey } = await import('../keys/present-keys.ts')
      const { readKeys } = await import('../keys/read-keys.ts')
      const { writeKey } = await import('../keys/write-key.ts')
      const { EXIT } = await import('../terminal/exit-code.ts')
      const { CommandError } = await import('../terminal/until-interrupted.ts')
      const { randomUUID } = await import('node:crypto')

      if (!/^[0-9a-f]{12}$/.test(id))
        throw new CommandError(`${id} is not the id of a key: see \`velocast keys list\``)
      await withKafka(async (kafka, { signal, now }) => {
        const known = (await readKeys(kafka, signal)).get(id)
        if (!known) throw new CommandError(`there is no key ${id}: see \`velocast keys list\``, EXIT.no)
        const key = known.revokedAt === null ? revokeApiKey(known, now) : known
        if (key !== known)
          await writeKey(kafka, { action: 'key.revoke', key, by, auditId: randomUUID() }, signal)
        const since = new Date(key.revokedAt!).toISOString()
        process.stdout.write(
          json
            ? `${JSON.stringify(describeKey(key, now))}\n`
            : `${id} (${key.name}) ${key === known ? 'was revoked already, at' : 'is revoked, from'} ${since}\n`,
        )
      })
    })
}

const mistakesSaid = <T>(CommandError: new (message: string) => Error, work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw new CommandError((error as Error).message)
  }
}

const withKafka = async (
  work: (
    kafka: import('@velocast/kafka').KafkaClient,
    context: { signal: AbortSignal; now: number },
  ) => Promise<void>,
): Promise<void> => {
  const { systemClock } = await import('@velocast/runtime')
  const { connectToKafka } = await import('../setup/connect.ts')
  const { serviceEnvironment } = await import('../setup/service-environment.ts')
  const { untilInterrupted } = await import('../terminal/until-interrupted.ts')
  await untilInterrupted(async ({ defer, signal }) => {
    const kafka = connectToKafka(await serviceEnvironment())
    defer(() => kafka.close())
    await work(kafka, { signal, now: systemClock.now() })
  })
}
