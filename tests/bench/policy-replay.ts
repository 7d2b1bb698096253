import { mkdtempSync, rmSync } from 'node:fs'
import { systemClock } from '../../src/base/clock.ts'
import { compilePolicies } from '../../src/domain/policy/matching/compiled.ts'
import { newRule } from '../../src/clawpolicy/files/records.ts'
import { AUTO } from '../../src/clawpolicy/types.ts'
import { Learning } from '../../src/domain/rules/learning/learning.ts'
import { Simulator } from '../../src/domain/rules/trials/simulate.ts'
import { toStored } from '../../src/domain/rules/stored.ts'
import type { Journal } from '../../src/journal/journal.ts'
import type { Draft } from '../../src/journal/types.ts'
import { nouns } from '../../src/commands/registry.ts'
import { realJournal } from '../support/journal.ts'
import { amount, median, row, type Bench, type Row } from './harness.ts'
import { AGENTS } from './policy-seed.ts'
import type { EffectiveBounds } from '../../src/domain/agents/types.ts'

export const REPLAY = '1,000,000 events replayed under one changed rule'
const EVENTS = 1_000_000
const GROUP = 1000
const BOUNDS: EffectiveBounds = {
  template: 'coder',
  bounds: { types: ['*'], block: [], ask: [], allow: [], maxAutoRisk: 100 },
  gone: false,
}

/** A new rule, held against a long past; and how long the loop was held up meanwhile. */
export async function replayed({ say }: Bench): Promise<Row> {
  const folder = mkdtempSync('/tmp/cdb-')
  try {
    const deck = await realJournal(folder, nouns)
    say(`writing ${amount(EVENTS)} events`)
    // How fast they are written is measured elsewhere; here they only have to be there.
    deck.store.pragma('synchronous = OFF')
    await fill(deck.journal)
    await deck.mirror.flush()
    const learning = new Learning({
      journal: deck.journal,
      store: deck.store,
      clock: systemClock,
      verified: async () => undefined,
      log: say,
    })
    await learning.ready
    const none = () => {
      throw new Error('nothing of this is asked for')
    }
    const { simulate } = new Simulator({
      learning,
      clock: systemClock,
      database: deck.path,
      policies: () => NO_POLICIES,
      readPolicies: none,
      boundsOf: async () => BOUNDS,
      reader: new Proxy({} as never, { get: none }),
      proposedRule: none,
    })
    const rule = newRule({
      id: 'policy_new',
      summary: 'every git push',
      trigger: ['runs:git push'],
      status: 'confirmed',
      policy_decision: AUTO,
      risk_level: 'high',
      scope: 'global',
    })
    say('replaying them')
    const took: number[] = []
    const lag = watchLoop()
    let told = ''
    for (let i = 0; i < 3; i++) {
      const {
        questions,
        changed,
        took: ms,
      } = await simulate(
        { kind: 'draft', stored: toStored(rule, { expiresAt: null, by: 'operator' }) },
        { signal: new AbortController().signal },
      )
      if (changed === 0) throw new Error('the rule was to change something')
      took.push(ms / 1000)
      told = `${amount(questions)} questions, ${amount(changed)} changed`
    }
    const longest = lag()
    await learning[Symbol.asyncDispose]()
    await deck.close()
    return row({
      what: REPLAY,
      value: median(took),
      unit: 's',
      target: { atMost: 5 },
      note: `${told}; the supervisor's loop was held up ${amount(longest)} ms at most`,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const NO_POLICIES = compilePolicies([])

/** Tells afterwards how long the loop was busy in one piece, in milliseconds. */
function watchLoop(): () => number {
  let longest = 0
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 1)
    last = now
  }, 1)
  return () => {
    clearInterval(timer)
    return longest
  }
}

async function fill(log: Journal): Promise<void> {
  for (let i = 0; i < EVENTS; i += GROUP) {
    await log.append(() => Array.from({ length: GROUP }, (_, j) => eventAt(i + j)))
    // The mirror and the signer take their turns.
    if (i % (10 * GROUP) === 0)
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
  }
}

const COMMANDS = [
  'git status',
  'npm test',
  'ls -la src',
  'cat README.md',
  'git push origin main',
  'grep -rn todo src',
  'node build.js',
]

/** What a deck's past is made of: two questions and what became of one. Most are unlike any other; one in twenty waited for a person. */
function eventAt(i: number): Draft {
  const agent = AGENTS[i % AGENTS.length] as string
  const actor = `agent:${agent}`
  if (i % 3 === 1)
    return {
      type: 'action.reported',
      actor,
      subject: agent,
      body: {
        id: `act_${i.toString(36)}`,
        outcome: { result: 'success', exitCode: 0, note: '', at: i },
      },
    }
  const target = `${COMMANDS[i % 7] as string} part-${(i * 7919) % 10_007}`
  const asked = {
    action: {
      type: 'exec',
      target,
      argv: target.split(' '),
      cwd: '/workspace',
      reversible: null,
      systems: [],
      goal: 'be of use',
      scope: '',
      claimedRisk: null,
      extra: {},
    },
    fingerprint: ((i * 2654435761) % 2 ** 32).toString(16),
    risk: { score: 20, factors: [{ label: 'runs a command', points: 20 }] },
    policies: [],
  }
  if (i % 20 === 0)
    return {
      type: 'approval.requested',
      actor,
      subject: agent,
      body: {
        ...asked,
        id: `apr_${i}`,
        expiresAt: i,
        reasons: [
          {
            layer: 'default',
            text: `no policy and no lease covers exec ${target}: a person decides`,
          },
        ],
      },
    }
  return {
    type: 'action.decided',
    actor,
    subject: agent,
    body: {
      ...asked,
      id: `act_${i.toString(36)}`,
      decision: i % 7 === 4 ? 'block' : 'allow',
      lease: null,
      rule: null,
      reasons: [{ layer: 'policy', id: 'pol_tests', text: 'policy pol_tests allows exec npm*' }],
    },
  }
}
