import { type Comparison, type FeatureDifference, hasDifference } from '@velocast/replay'
import type { DataQuality } from '@velocast/schemas'

const NAMED_FEATURES = 5

/**
 * The verdict on a comparison. Vectors that are not in the table yet are a warning, since the sink may be behind; so is a
 * time of which there is nothing to compare.
 */
export const parityResult = (systemId: string, checkedAt: number, comparison: Comparison): DataQuality => {
  const { equal, different, missingInTable, missingInReplay, features } = comparison
  const largest = largestDifference(comparison)
  const hasFailed = different + missingInReplay > 0
  const isUnsure = hasDifference(comparison) || equal === 0
  return {
    systemId,
    stationId: null,
    rule: 'feature-parity',
    checkedAt,
    status: hasFailed ? 'FAIL' : isUnsure ? 'WARN' : 'PASS',
    expected: '0',
    actual: String(largest),
    value: largest,
    detail: [
      `${equal} of ${equal + different + missingInTable} vectors are in the table as they are computed now`,
      ...features.slice(0, NAMED_FEATURES).map(describe),
      ...(features.length > NAMED_FEATURES ? [`and ${features.length - NAMED_FEATURES} more features`] : []),
      ...(missingInTable > 0 ? [`${missingInTable} are not in the table: does the sink keep up?`] : []),
      ...(missingInReplay > 0 ? [`${missingInReplay} are in the table and follow from nothing`] : []),
      ...(hasFailed ? ['`velocast replay --compare` shows all, `--write` mends the table'] : []),
    ].join('; '),
    vetoesTraining: false,
  }
}

/** Between two numbers; 0 when nothing differs, NaN when all that differs is a number beside NaN. */
export const largestDifference = ({ features }: Comparison): number => {
  if (features.length === 0) return 0
  const known = features.flatMap(({ largest }) => (largest === null ? [] : [largest]))
  return known.length === 0 ? Number.NaN : Math.max(...known)
}

const describe = ({ feature, rows, example }: FeatureDifference): string =>
  `${feature} in ${rows} rows, such as station ${example.stationId} as of ${new Date(example.asOf).toISOString()}: ` +
  `${example.stored} in the table, ${example.replayed} computed`
