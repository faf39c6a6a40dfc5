import type { KafkaClient } from '@velocast/kafka'
import { readChampion } from '@velocast/promotion'
import type { System } from '@velocast/runtime'
import { withDatabase } from '../setup/connect.ts'
import { EXIT } from '../terminal/exit-code.ts'
import { CommandError } from '../terminal/until-interrupted.ts'
import { chooseRollback, type Promotion, termsOf } from './model-terms.ts'
import { readAnswers, readPromotions } from './read-model-events.ts'

export interface RollbackQuestion {
  kafka: KafkaClient
  databaseUrl: string
  system: System
  /** The moment whose version is wanted; null: the version before the present one. */
  to: number | null
  signal: AbortSignal
}

/** The version that a rollback goes back to. Throws a CommandError when there is none. */
export const findRollback = async ({
  kafka,
  databaseUrl,
  system: { systemId, modelName },
  to,
  signal,
}: RollbackQuestion): Promise<string> => {
  const champion = await readChampion({ kafka, systemId, modelName, signal })
  const [known, answers] = await withDatabase(databaseUrl, async (database) => [
    await readPromotions(database, systemId),
    await readAnswers(database, systemId),
  ])
  const target = chooseRollback(termsOf(withNewest(known, champion), answers), to)
  if ('problem' in target) throw new CommandError(target.problem, EXIT.no)
  return target.modelVersion
}

/** The table follows the topic, by a moment: two rollbacks in one second must not both go back from the same version. */
const withNewest = (
  known: readonly Promotion[],
  champion: Omit<Promotion, 'trigger'> | null,
): readonly Promotion[] =>
  champion === null || known.some(({ promotedAt }) => promotedAt >= champion.promotedAt)
    ? known
    : [...known, { ...champion, trigger: null }]
