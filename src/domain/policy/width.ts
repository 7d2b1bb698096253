import { Fault } from '../../base/fault.ts'
import { grantText } from '../../command-analysis/patterns/grant-text.ts'
import type { Table } from '../../command-analysis/programs/table.ts'
import { programs } from '../../config/programs.ts'
import type { OperatorPolicy } from './types.ts'
import { isCommand } from './matching/view.ts'

type NewPolicy = Omit<OperatorPolicy, 'id'>

/**
 * Refuses a policy that allows everything, after which nobody would be asked. Fault
 * `policies.invalid`.
 */
export function refuseEverything(policy: NewPolicy): void {
  if (!isAllowing(policy) || !isOfAnyType(policy) || !isOfAnyTarget(policy)) return
  const { agent, template, riskAtMost } = policy
  if ([agent, template].some((who) => who !== undefined && !/^\**$/.test(who))) return
  if (riskAtMost !== undefined && riskAtMost < 100) return
  throw new Fault('policies.invalid', `this policy would ${policy.effect} everything`, {
    hint: 'Say what it is about: --type exec --target "git status*".',
  })
}

/**
 * Why a policy allows more than it may seem. Its author has to confirm that. Empty if it is narrow
 * or allows nothing.
 */
export function widthOf(policy: NewPolicy, table: Table = programs()): string[] {
  if (!isAllowing(policy)) return []
  const { target, pattern, options, type } = policy
  if (isOfAnyTarget(policy))
    return [
      isOfAnyType(policy)
        ? 'it covers every action that meets its other conditions'
        : `it covers every action of type ${type}`,
    ]
  if (pattern !== undefined)
    return /\.[*+]/.test(pattern) ? ['its pattern matches any text in some place'] : []
  const commands = isOfAnyType(policy) || isCommand(type ?? '')
  const wide = commands ? grantText(target ?? '*', options === 'any', table).wide : []
  return isOfAnyType(policy) ? ['it covers actions of every type', ...wide] : [...wide]
}

function isAllowing({ effect }: NewPolicy): boolean {
  return effect === 'allow' || effect === 'warn'
}

function isOfAnyType({ type, egress }: NewPolicy): boolean {
  return egress !== undefined || type === undefined || type === '*'
}

function isOfAnyTarget({ target, pattern, egress }: NewPolicy): boolean {
  if (egress !== undefined)
    return egress.host === '*' && (egress.path ?? egress.method) === undefined
  if (pattern !== undefined) return /^(?:\(\?s\))?\^?\.[*+]\$?$/.test(pattern)
  return target === undefined || /^\*+$/.test(target)
}
