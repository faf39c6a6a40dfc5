import { type Command, Option } from 'commander'
import { type LetterGroup, REASONS } from '../redrive/choose-letters.ts'

export const addRedrive = (program: Command): void => {
  program
    .command('redrive')
    .description(
      'send dead letters back to their topic, once what refused them is mended: same key, bytes and partition, and in the headers where it has been; no letter is sent twice',
    )
    .option('--topic <name>', 'the topic, with or without .dlq; all by default')
    .option('--system <id>', 'only of this system, as the key says')
    .addOption(new Option('--reason <reason>', 'only refused for this reason').choices(REASONS))
    .option('--since <time>', 'only refused since then, ISO 8601')
    .option('--limit <n>', 'at most so many, the oldest first')
    .option('--again', 'also those that were sent back before, and those that came back from it', false)
    .option('--dry-run', 'show what there is, and send nothing', false)
    .option('--json', 'for scripts', false)
    .action(async ({ topic: given, system, reason, since, limit: most, again, dryRun, json }) => {
      const { connectToKafka } = await import('../setup/connect.ts')
      const { serviceEnvironment } = await import('../setup/service-environment.ts')
      const { redriveLetters, topicNamed } = await import('../redrive/redrive-letters.ts')
      const { terminalProgress } = await import('../terminal/terminal-progress.ts')
      const { CommandError, untilInterrupted } = await import('../terminal/until-interrupted.ts')
      const topic = given === undefined ? undefined : topicNamed(given)
      const sinceMs = since === undefined ? undefined : Date.parse(since)
      const limit = most === undefined ? undefined : Number(most)
      const mistakes = [
        ...(topic === null ? [`there is no topic ${given}`] : []),
        ...(Number.isNaN(sinceMs) ? [`--since ${since} is not a moment such as 2026-11-01T00:00:00Z`] : []),
        ...(limit !== undefined && !(limit > 0) ? [`--limit ${most} is not a number of letters`] : []),
      ]
      if (topic === null || mistakes.length > 0) throw new CommandError(mistakes.join('\n'))

      await untilInterrupted(async ({ defer, signal }) => {
        const kafka = connectToKafka(await serviceEnvironment())
        defer(() => kafka.close())
        const progress = terminalProgress(json ? process.stderr : process.stdout)
        const report = await progress.step('Dead letters', (step) =>
          redriveLetters(
            { topic, system, reason, sinceMs, limit, again, isDryRun: dryRun },
            {
              kafka,
              signal,
              onFound: (groups) => {
                if (!json) for (const line of presentGroups(groups)) progress.line(line)
              },
              onProgress: (sent, of) => step.at(sent / of, `${sent} of ${of} sent`),
            },
          ),
        )
        if (json) process.stdout.write(`${JSON.stringify(report)}\n`)
        else if (report.redriveId) progress.line(`${report.sent} sent back, as redrive ${report.redriveId}`)
        else progress.line(dryRun ? 'nothing sent: --dry-run' : 'nothing to send')
      })
    })
}

const presentGroups = (groups: readonly LetterGroup[]): string[] => {
  if (groups.length === 0) return ['there are no dead letters']
  return [
    `${'topic'.padEnd(22)} ${'reason'.padEnd(15)} ${'letters'.padStart(7)} ${'before'.padStart(7)} ${'to send'.padStart(7)}  newest`,
    ...groups.map(
      ({ topic, reason, letters, redriven, chosen, newest, detail }) =>
        `${topic.padEnd(22)} ${reason.padEnd(15)} ${String(letters).padStart(7)} ${String(redriven).padStart(7)} ${String(chosen).padStart(7)}  ${newest}: ${detail}`,
    ),
  ]
}
