import { basename } from 'node:path'
import { asFault, errno, Fault } from '../../../base/fault.ts'
import { count, plain } from '../../../base/text.ts'
import { readBounded } from '../../../config/files.ts'
import { compilePolicies, type CompiledPolicies } from '../../policy/matching/compiled.ts'
import { PolicyFileReader } from '../../../clawpolicy/files/read.ts'
import { AUTO } from '../../../clawpolicy/types.ts'
import type { OperatorPolicy } from '../../policy/types.ts'
import { ruleCan } from '../rules.ts'
import type { RuleProposals } from '../changes/propose.ts'
import type { ruleReader } from '../read.ts'
import { hasExpired } from '../rule-book.ts'
import { toStored, withChange } from '../stored.ts'
import type { StoredRule } from '../types.ts'
import { scopeText, subjectText } from '../texts.ts'
import type { PolicyTrial } from './types.ts'

export interface TrialChangeParts {
  reader: ReturnType<typeof ruleReader>
  proposedRule: RuleProposals['proposedRule']
  now: () => number
}

/** The policies of a text, and of the packs that it names. Fault `policies.invalid`. */
export type ReadPolicyText = (text: string, file: string) => Promise<OperatorPolicy[]>

/** What a trial changes: some rules, or all policies of the operator. */
export interface TrialChange {
  /** In words that follow `If`. */
  says: string
  rules: StoredRule[]
  policies: CompiledPolicies | undefined
  notes: string[]
}

/** Faults: `not.found`, `not.possible`, `refused`. */
export function trialChange(parts: TrialChangeParts, trial: PolicyTrial): TrialChange {
  switch (trial.kind) {
    case 'policies':
      return {
        says: `your policies were these ${trial.policies.length}`,
        rules: [],
        policies: compilePolicies(trial.policies),
        notes: [],
      }
    case 'rules':
      return ruleChange(`${count(trial.rules.length, 'rule')} were added`, trial.rules, {
        notes: unconfirmedNotes(trial.rules),
      })
    case 'rule':
      return moveChange(parts, trial)
    case 'draft':
      return ruleChange(`a new rule ${describe(trial.stored)}`, [trial.stored])
    case 'proposal': {
      const { stored } = parts.proposedRule({ ...trial, days: null }, 'operator')
      return ruleChange(`a new rule ${describe(stored)}`, [stored])
    }
  }
}

function ruleChange(
  says: string,
  rules: StoredRule[],
  { notes = [] }: { notes?: string[] } = {},
): TrialChange {
  return { says, rules, policies: undefined, notes }
}

const MOVES = {
  confirm: ['confirmed', {}],
  suspend: ['suspended', { suspension_reason: 'operator' }],
  archive: ['archived', {}],
} as const

function moveChange(
  { reader, now }: TrialChangeParts,
  { id, act }: PolicyTrial & { kind: 'rule' },
): TrialChange {
  const record = reader.known(id)
  const move = act ?? (record.rule.status === 'confirmed' ? 'suspend' : 'confirm')
  const row = reader.row(record)
  const refusal = ruleCan[move]({ ...row, expired: hasExpired(record, now()) })
  if (refusal !== undefined) throw new Fault('not.possible', refusal)
  const [status, fields] = MOVES[move]
  const isOpposed = move === 'confirm' && row.conflicts.length > 0
  const notes = isOpposed
    ? [
        `${id} contradicts ${row.conflicts.join(', ')}, which is confirmed and has to be suspended first`,
      ]
    : []
  const says = `${id} was ${status} (it ${describe(record)})`
  return ruleChange(says, [withChange(record, { status, ...fields })], { notes })
}

function describe({ rule }: StoredRule): string {
  const effect = rule.policy_decision === AUTO ? 'allows' : 'asks about'
  return `${effect} ${plain(subjectText(rule), 200)} ${scopeText(rule)}`
}

function unconfirmedNotes(rules: readonly StoredRule[]): string[] {
  const many = rules.filter(({ rule }) => rule.status !== 'confirmed').length
  if (many === 0) return []
  return many === 1
    ? ['1 of them is not confirmed, so it allows nothing']
    : [`${many} of them are not confirmed, so they allow nothing`]
}

const MAX_BYTES = { policies: 1 << 20, rules: 16 << 20 } as const

/**
 * Reads a file to try: a `.json` has learned rules, as in a rules.json; any other has policies, as
 * in policies.yaml. Faults: `not.found`, `policies.invalid` with the place.
 */
export async function readTrial(path: string, readPolicies: ReadPolicyText): Promise<PolicyTrial> {
  const file = basename(path)
  const kind = path.endsWith('.json') ? 'rules' : 'policies'
  const text = await readBounded(path, MAX_BYTES[kind]).catch((thrown: unknown) => {
    throw unreadable(path, thrown)
  })
  if (kind === 'policies') return { kind, policies: await readPolicies(text, file) }
  const { records } = new PolicyFileReader().readRules(text)
  const rules = [...records.values()].map((rule) => toStored(rule, { expiresAt: null, by: file }))
  return { kind, rules }
}

function unreadable(path: string, cause: unknown): Fault {
  const code = errno(cause)
  if (code === 'ENOENT')
    return new Fault('not.found', `no rule and no file ${path}`, {
      hint: '`clawdeck policy rules` shows the rules.',
      cause,
    })
  if (code === 'EFBIG')
    return new Fault('policies.invalid', `${path} is too large`, {
      hint: 'Policies may have 1 MiB, a rules.json 16 MiB.',
      cause,
    })
  return new Fault(
    'policies.invalid',
    `${path} cannot be read: ${code ?? asFault(cause).message}`,
    { hint: 'Give a rule, a rules.json, or a file of policies.', cause },
  )
}
