import { ConfigError, type System } from '@velocast/runtime'
import { isLowBad } from './judge.ts'
import type { Rule } from './rule.ts'

/** The rules as a system has them: with its own limits, without those it has turned off. Throws a ConfigError. */
export const rulesOfSystem = (
  rules: readonly Rule[],
  { systemId, quality = {} }: Pick<System, 'systemId' | 'quality'>,
): Rule[] => {
  const unknown = Object.keys(quality).filter((name) => !rules.some((rule) => rule.name === name))
  if (unknown.length > 0)
    throw new ConfigError(
      unknown.map(
        (name) =>
          `system ${systemId}: there is no quality rule "${name}"; there are ${rules.map((rule) => rule.name).join(', ')}`,
      ),
    )
  return rules.flatMap((rule) => {
    const { isOff = false, warnAt = rule.warnAt, failAt = rule.failAt } = quality[rule.name] ?? {}
    const own = { ...rule, warnAt, failAt }
    if (failAt !== null && warnAt !== failAt && isLowBad(own) !== isLowBad(rule))
      throw new ConfigError([
        `system ${systemId}: quality rule "${rule.name}" would fail (${failAt}) before it warns (${warnAt})`,
      ])
    return isOff ? [] : [own]
  })
}
