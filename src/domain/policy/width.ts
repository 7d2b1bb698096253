import { Fault } from '../../base/fault.ts'
import { grantText } from '../../command-analysis/grant-text.ts'
import type { Table } from '../../command-analysis/table.ts'
import { programs } from '../../config/programs.ts'
import type { OperatorPolicy } from './types.ts'
import { isCommand } from './view.ts'

type Matched = Omit<OperatorPolicy, 'id'>

/** Refuses a policy that allows everything: nobody would be asked about anything any more. Fault `policies.invalid`. */
export function refuseEverything(policy: Matched): void {
  if (!saysYes(policy) || !isOfAnyType(policy) || !isOfAnyTarget(policy)) return
  const { agent, template, riskAtMost } = policy
  if ([agent, template].some((who) => who !== undefined && !/^\**$/.test(who))) return
  if (riskAtMost !== undefined && riskAtMost < 100) return
  throw new Fault('policies.invalid', `this policy would ${policy.effect} everything`, {
    hint: 'Say what it is about: --type exec --target "git status*".',
  })
}

/**
 * Why a policy lets more through than it may seem, each reason a sentence: whoever adds it has to confirm that. Empty for one
 * that is narrow, or that allows nothing.
 */
export function widthOf(policy: Matched, table: Table = programs()): string[] {
  if (!saysYes(policy)) return []
  const { target, pattern, options, type } = policy
  if (isOfAnyTarget(policy))
    return [
      isOfAnyType(policy)
        ? 'it covers every action that its other conditions leave'
        : `it covers every action of type ${type}`,
    ]
  if (pattern !== undefined)
    return /\.[*+]/.test(pattern) ? ['its pattern stands for any text at some place'] : []
  const commands = isOfAnyType(policy) || isCommand(type ?? '')
  const wide = commands ? grantText(target ?? '*', options === 'any', table).wide : []
  return isOfAnyType(policy) ? ['it covers actions of every type', ...wide] : [...wide]
}

function saysYes({ effect }: Matched): boolean {
  return effect === 'allow' || effect === 'warn'
}

function isOfAnyType({ type }: Matched): boolean {
  return type === undefined || type === '*'
}

function isOfAnyTarget({ target, pattern }: Matched): boolean {
  if (pattern !== undefined) return /^(?:\(\?s\))?\^?\.[*+]\$?$/.test(pattern)
  return target === undefined || /^\*+$/.test(target)
}
