import { basename } from 'node:path'
import { asFault, errno, Fault } from '../../../base/fault.ts'
import { count, plain } from '../../../base/text.ts'
import { readBounded } from '../../../config/files.ts'
import { compilePolicies, type CompiledPolicies } from '../../policy/compiled.ts'
import { PolicyFileReader } from '../../../clawpolicy/files/read.ts'
import { AUTO } from '../../../clawpolicy/types.ts'
import type { OperatorPolicy } from '../../policy/types.ts'
import { ruleCan } from '../rules.ts'
import type { proposalService } from '../propose.ts'
import type { ruleReader } from '../read.ts'
import { moved, storedOf } from '../stored.ts'
import type { StoredRule } from '../types.ts'
import { aboutOf, whereOf } from '../words.ts'
import type { PolicyTrial } from './types.ts'

export interface ChangeParts {
  reader: ReturnType<typeof ruleReader>
  drafted: ReturnType<typeof proposalService>['drafted']
  now: () => number
}

/** The policies that a text would put in force as policies.yaml, those of its packs among them. Fault `policies.invalid` with the place. */
export type PoliciesOf = (text: string, file: string) => Promise<OperatorPolicy[]>

/** What a trial changes: rules as they would be, or all of the operator's policies. */
export interface Change {
  says: string
  rules: StoredRule[]
  policies: CompiledPolicies | undefined
  notes: string[]
}

/** A trial, as what it changes. Faults: `not.found`, `not.possible`, `refused`. */
export function changeOf(parts: ChangeParts, trial: PolicyTrial): Change {
  if (trial.kind === 'policies')
    return {
      says: `your policies were these ${trial.policies.length}`,
      rules: [],
      policies: compilePolicies(trial.policies),
      notes: [],
    }
  if (trial.kind === 'rules')
    return {
      says: `${count(trial.rules.length, 'rule')} more`,
      rules: trial.rules,
      policies: undefined,
      notes: silent(trial.rules),
    }
  if (trial.kind === 'rule') return actedOn(parts, trial)
  const stored =
    trial.kind === 'draft'
      ? trial.stored
      : parts.drafted(
          {
            approval: trial.approval,
            width: trial.width,
            decision: trial.decision,
            scope: trial.scope,
            days: null,
          },
          'operator',
        ).stored
  return { says: `a new rule: ${spoken(stored)}`, rules: [stored], policies: undefined, notes: [] }
}

const ACTS = {
  confirm: ['confirmed', {}],
  suspend: ['suspended', { suspension_reason: 'operator' }],
  archive: ['archived', {}],
} as const

function actedOn(
  { reader, now }: ChangeParts,
  { id, act: wish }: PolicyTrial & { kind: 'rule' },
): Change {
  const kept = reader.known(id)
  const act = wish ?? (kept.rule.status === 'confirmed' ? 'suspend' : 'confirm')
  const expired = kept.expiresAt !== null && now() >= kept.expiresAt
  const row = reader.row(kept)
  const refusal = ruleCan[act]({ ...row, expired })
  if (refusal !== undefined) throw new Fault('not.possible', refusal)
  const [status, more] = ACTS[act]
  const notes =
    act === 'confirm' && row.conflicts.length > 0
      ? [
          `${row.conflicts.join(', ')} says the opposite and is confirmed: ${id} cannot be confirmed before that has gone`,
        ]
      : []
  return {
    says: `${id} was ${status}: ${spoken(kept)}`,
    rules: [moved(kept, { status, ...more })],
    policies: undefined,
    notes,
  }
}

function spoken({ rule }: StoredRule): string {
  return `${rule.policy_decision === AUTO ? 'allows' : 'asks for'} ${plain(aboutOf(rule), 200)} ${whereOf(rule)}`
}

function silent(rules: readonly StoredRule[]): string[] {
  const idle = rules.filter(({ rule }) => rule.status !== 'confirmed').length
  return idle === 0
    ? []
    : [
        `${idle} of them ${idle === 1 ? 'is' : 'are'} not confirmed, and so ${idle === 1 ? 'allows' : 'allow'} nothing`,
      ]
}

const LARGEST = { policies: 1 << 20, rules: 16 << 20 } as const

/** A file to try: `.json` holds learned rules, as in a rules.json, anything else policies, as in policies.yaml. Faults: `not.found`, `policies.invalid` with the place. */
export async function trialOf(path: string, policiesOf: PoliciesOf): Promise<PolicyTrial> {
  const file = basename(path)
  const holdsRules = path.endsWith('.json')
  const text = await readBounded(path, holdsRules ? LARGEST.rules : LARGEST.policies).catch(
    (thrown: unknown) => {
      throw unreadable(path, thrown)
    },
  )
  if (!holdsRules) return { kind: 'policies', policies: await policiesOf(text, file) }
  const { records } = new PolicyFileReader().readRules(text)
  return {
    kind: 'rules',
    rules: [...records.values()].map((rule) => storedOf(rule, { expiresAt: null, by: file })),
  }
}

function unreadable(path: string, cause: unknown): Fault {
  const code = errno(cause)
  if (code === 'ENOENT')
    return new Fault('not.found', `there is no rule and no file ${path}`, {
      hint: '`clawdeck policy rules` shows the rules.',
      cause,
    })
  if (code === 'EFBIG')
    return new Fault('policies.invalid', `${path} is too large to be tried`, {
      hint: 'Policies may take 1 MiB, a rules.json 16 MiB.',
      cause,
    })
  return new Fault(
    'policies.invalid',
    `${path} cannot be read: ${code ?? asFault(cause).message}`,
    { hint: 'Name a rule, a rules.json, or a file of policies.', cause },
  )
}
