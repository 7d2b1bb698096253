import { momentText, plain } from '../../base/text.ts'
import type { DecisionLine, PolicyPage } from '../../domain/governance/compliance/types.ts'
import type { ToldLine } from './ledger.ts'

const MOST_RULE_LINES = 200

/** A policy of the API: what it says, and what it decided last. */
export function policyPageLines({ policy, latest }: PolicyPage, now: number): ToldLine[] {
  const { id, name, policy_type: type, active, agent_ids: agents, rules } = policy
  const said = JSON.stringify(rules, null, 2).split('\n').slice(0, MOST_RULE_LINES)
  const fact = (title: string, text: string): ToldLine => ({
    tone: 'text',
    text: `${title.padEnd(12)} ${text}`,
  })
  const blank: ToldLine = { tone: 'dim', text: '' }
  return [
    { tone: 'command', text: plain(name, 200) },
    blank,
    fact('id', id),
    fact('type', plain(type, 100)),
    fact('counts', active === 1 ? 'yes' : 'no, it is not active'),
    fact('agents', plain(agents ?? 'all', 500)),
    blank,
    { tone: 'head', text: 'Rules' },
    ...said.map((line): ToldLine => ({ tone: 'text', text: plain(line, 500) })),
    blank,
    { tone: 'head', text: 'Latest decisions' },
    ...(latest.length === 0
      ? [{ tone: 'dim', text: 'None of the latest decisions were its own' } satisfies ToldLine]
      : latest.map((line) => decisionLine(line, now))),
  ]
}

const TONES = { allow: 'good', warn: 'warn', require_approval: 'warn', block: 'bad' } as const
const WORDS = {
  allow: '✓ allowed',
  warn: '! warned',
  require_approval: '◐ held',
  block: '✕ blocked',
}

function decisionLine({ at, agent, type, goal, decision }: DecisionLine, now: number): ToldLine {
  const what = goal === '' ? type : `${type}: ${goal}`
  return {
    tone: TONES[decision],
    text: `${momentText(at, now).padEnd(8)}  ${WORDS[decision].padEnd(9)}  ${plain(`${agent} ${what}`, 300)}`,
  }
}
