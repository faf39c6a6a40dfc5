import { existsSync } from 'node:fs'
import type { KafkaClient } from '@velocast/kafka'
import { type Clock, type System, systemClock } from '@velocast/runtime'
import { connectToKafka, prepareTopics } from '../setup/connect.ts'
import { serviceEnvironment } from '../setup/service-environment.ts'
import { chooseSystem } from '../systems/choose-system.ts'
import type { Step } from '../terminal/progress.ts'
import { terminalProgress } from '../terminal/terminal-progress.ts'
import { CommandError, untilInterrupted } from '../terminal/until-interrupted.ts'

export interface BackfillContext {
  system: System
  kafka: KafkaClient
  clock: Clock
  step: Step
  signal: AbortSignal
  /** A line above the progress bar; of very many, the first ones. */
  say: (line: string) => void
}

const LINES_SAID = 20

/** Epoch milliseconds; undefined where nothing was given. Throws a CommandError when it is no moment. */
export const momentIn = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new CommandError(`${text} is not a time such as 2026-11-01T00:00:00Z`)
  return at
}

/** Throws a CommandError that names the files which are not there: before any server is asked for. */
export const requireFiles = (paths: readonly string[]): void => {
  const missing = paths.filter((path) => !existsSync(path))
  if (missing.length > 0) throw new CommandError(`there is no ${missing.join(', no ')}`)
}

/** Runs one back-fill with a progress bar, and prints what came of it: the lines, or the result as JSON. */
export const runBackfill = async (
  { wanted, json = false }: { wanted: string | undefined; json?: boolean },
  work: (context: BackfillContext) => Promise<{ result: object; lines: readonly string[] }>,
): Promise<void> => {
  await untilInterrupted(async ({ defer, signal }) => {
    const env = await serviceEnvironment()
    const system = chooseSystem(env.SYSTEMS_FILE!, wanted)
    const kafka = connectToKafka(env)
    defer(() => kafka.close())
    // History best comes in before the first start, which else makes the topics.
    await prepareTopics(kafka)
    const progress = terminalProgress(json ? process.stderr : process.stdout)
    let said = 0
    const say = (line: string): void => {
      said += 1
      if (said <= LINES_SAID) progress.line(`  ${line}`)
    }
    const { result, lines } = await progress.step(`History of ${system.systemId}`, (step) =>
      work({ system, kafka, clock: systemClock, step, signal, say }),
    )
    if (said > LINES_SAID) progress.line(`  … and ${said - LINES_SAID} more lines like these`)
    const output = json ? [JSON.stringify({ systemId: system.systemId, ...result })] : lines
    process.stdout.write(`${output.join('\n')}\n`)
  })
}
