import { beforeAll, describe, expect, it } from 'vitest'
import { compilePolicies } from '../../../../src/domain/policy/matching/compiled.ts'
import { evaluate } from '../../../../src/domain/policy/evaluate.ts'
import { normalise } from '../../../../src/domain/policy/normalise.ts'
import { readyForPatterns } from '../../../../src/domain/policy/matching/pattern.ts'
import { assessRisk } from '../../../../src/domain/policy/risk/risk.ts'
import type { OperatorPolicy, Verdict } from '../../../../src/domain/policy/types.ts'
import { readTemplate } from '../../../../src/domain/templates/catalog.ts'
import type { GuardBounds } from '../../../../src/domain/templates/types.ts'
import { BUILT_IN } from '../../templates/sample.ts'
import { question } from '../question.ts'

/** The expected decision. */
export type Expected = 'allow' | 'ask' | 'block' | 'not block' | 'not allow'
type Policies = string | readonly string[]
export interface Case {
  line: string
  /** One or several policies such as `allow git *`. Without them, only a template decides. */
  policies?: Policies
  is: Expected
  lock?: string
  type?: string
}

const OPEN: GuardBounds = {
  types: ['exec', 'net', 'file'],
  block: [],
  ask: [],
  allow: [],
  maxAutoRisk: 100,
}
const locks = new Map<string, GuardBounds>()
beforeAll(async () => {
  await readyForPatterns()
  for (const name of ['coder', 'reviewer', 'devops'])
    locks.set(name, (await readTemplate(BUILT_IN, name)).template.guard)
})

function policiesOf(texts: Policies = []): OperatorPolicy[] {
  return [texts].flat().map((text, i) => {
    const [effect = '', target] = text.split(/ (.*)/s)
    return { id: `p${i}`, effect, target } as OperatorPolicy
  })
}

export function verdictOf({ line, policies, lock, type = 'exec' }: Case): Verdict {
  const action = normalise(question({ type, target: line, cwd: '/workspace' }))
  return evaluate({
    action,
    risk: assessRisk(action),
    agent: { name: 'scout', template: lock ?? 'none' },
    bounds: lock === undefined ? OPEN : (locks.get(lock) as GuardBounds),
    policies: compilePolicies(policiesOf(policies)),
    leases: [],
    learned: () => ({ says: 'nothing', reasons: [] }),
    now: 1,
  })
}

export function isExpected({ is, ...given }: Case): boolean {
  const { decision } = verdictOf({ is, ...given })
  if (is === 'not block') return decision !== 'block'
  if (is === 'not allow') return decision === 'block' || decision === 'require_approval'
  return decision === (is === 'ask' ? 'require_approval' : is)
}

/** Cases with the same policies and the same answer. */
export function all(
  is: Expected,
  policies: Policies | undefined,
  lines: readonly string[],
  lock?: string,
): Case[] {
  return lines.map((line) => ({
    line,
    is,
    ...(policies === undefined ? {} : { policies }),
    ...(lock === undefined ? {} : { lock }),
  }))
}

/** A kind of case: each line has to get its expected decision. */
export function kind(name: string, cases: readonly Case[]): void {
  describe(name, () => {
    it.each(cases.map((one) => [one.policies ?? one.lock ?? '', one.line, one.is, one] as const))(
      '%s: %s is %s',
      (_, __, ___, one) => {
        const { decision, reasons } = verdictOf(one)
        expect(isExpected(one), `${decision}: ${reasons.map(({ text }) => text).join('; ')}`).toBe(
          true,
        )
      },
    )
  })
}
