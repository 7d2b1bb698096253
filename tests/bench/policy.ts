import { mkdtempSync, rmSync } from 'node:fs'
import { systemClock } from '../../src/base/clock.ts'
import type { Action } from '../../src/domain/policy/types.ts'
import { judgeLearned } from '../../src/domain/rules/judge.ts'
import { lessonDrafts } from '../../src/domain/rules/learning/lessons.ts'
import { RuleBook } from '../../src/domain/rules/rule-book.ts'
import { Learning } from '../../src/domain/rules/learning/learning.ts'
import { toStored } from '../../src/domain/rules/stored.ts'
import { openHostKey } from '../../src/config/host-key.ts'
import { HeadMark } from '../../src/journal/head-mark.ts'
import { headIn } from '../../src/journal/loss/evidence.ts'
import { openJournal, type Journal } from '../../src/journal/journal.ts'
import type { DeckEvent, Draft } from '../../src/journal/types.ts'
import { openStore } from '../../src/store/open.ts'
import { nouns } from '../../src/commands/registry.ts'
import { realJournal } from '../support/journal.ts'
import { openDeck, type Deck } from './deck.ts'
import { amount, median, percentile, row, type Bench, type Group, type Row } from './harness.ts'
import { judged, JUDGING } from './judging.ts'
import { replayed, REPLAY } from './policy-replay.ts'
import { AGENTS, commandOf, ruleAt, writeRules } from './policy-seed.ts'

const RULES = 10_000
const FEW = 100
const QUESTIONS = 4000
const ROWS = [
  'decision with 10,000 rules',
  'decision: 10,000 rules beside 100',
  'feedback with 10,000 rules',
  REPLAY,
  'start with 10,000 rules, to the first answer, beside none',
] as const

/** What is learned: how much it costs to ask it, to teach it, to try it on the past, and to have it. */
export const policy: Group = {
  name: 'policy',
  rows: [...JUDGING, ...ROWS],
  async run(bench: Bench): Promise<Row[]> {
    return [
      ...(await judged(bench)),
      ...decisions(bench),
      await feedback(bench),
      await replayed(bench),
      await starts(bench),
    ]
  },
}

/** Half of the questions are about what one of `rules` rules knows, the others about something new. */
function questionAt(
  i: number,
  rules = RULES,
): {
  agent: { name: string; template: string }
  action: Action
  risk: { score: number; factors: [] }
} {
  const known = (i * 7919) % rules
  const target = i % 2 === 0 ? commandOf(known) : `${commandOf(i)} again`
  return {
    agent: { name: AGENTS[known % AGENTS.length] as string, template: 'coder' },
    risk: { score: 20, factors: [] },
    action: {
      type: 'exec',
      target,
      argv: target.split(' '),
      cwd: '/workspace',
      reversible: null,
      systems: [],
      goal: '',
      scope: '',
      claimedRisk: null,
      extra: {},
    },
  }
}

function bookOf(count: number): RuleBook {
  const book = new RuleBook()
  for (let i = 0; i < count; i++) {
    const stored = toStored(ruleAt(i), { expiresAt: null, by: 'operator' })
    book.put(stored.rule.id, { ...stored, outcomes: [], changedAt: 0, seq: i })
  }
  return book
}

/** Milliseconds of each of many different questions. */
function asked(book: RuleBook, rules: number): number[] {
  const now = Date.now()
  return Array.from({ length: QUESTIONS }, (_, i) => {
    const question = questionAt(i, rules)
    const began = performance.now()
    judgeLearned(book, { ...question, now, clock: systemClock })
    return performance.now() - began
  })
}

function decisions({ say }: Bench): Row[] {
  say(`deciding with ${amount(RULES)} rules`)
  const [many, few] = [bookOf(RULES), bookOf(FEW)]
  const took = { many: [] as number[], few: [] as number[] }
  for (let round = 0; round < 6; round++) {
    const [a, b] = [asked(few, FEW), asked(many, RULES)]
    // The first round is for the compiler.
    if (round > 0) {
      took.few.push(...a)
      took.many.push(...b)
    }
  }
  const [p50, p99] = [median(took.many), percentile(took.many, 0.99)]
  return [
    row({
      what: ROWS[0],
      value: p99,
      unit: 'ms',
      target: { atMost: 1 },
      note: `p99; p50 ${amount(p50)} ms`,
    }),
    row({
      what: ROWS[1],
      value: p50,
      unit: 'ms',
      floor: { what: '100 rules', value: median(took.few) },
      target: { atMost: 2, of: 'ratio' },
      note: `p50; p99 ${amount(p99)} beside ${amount(percentile(took.few, 0.99))} ms`,
    }),
  ]
}

async function feedback({ say }: Bench): Promise<Row> {
  const folder = mkdtempSync('/tmp/cdb-')
  try {
    const deck = await realJournal(folder, nouns)
    say(`writing ${amount(RULES)} rules`)
    await writeRules(deck.journal, RULES)
    const learning = new Learning({
      journal: deck.journal,
      store: deck.store,
      clock: systemClock,
      verified: async () => undefined,
      log: say,
    })
    await learning.ready
    say('teaching')
    const took = await taught(deck.journal, learning)
    await learning[Symbol.asyncDispose]()
    await deck.close()
    return row({
      what: ROWS[2],
      value: median(took.taught),
      unit: 'ms',
      floor: { what: 'the same yes and bytes without a lesson', value: median(took.bare) },
      target: { atMost: 2, of: 'ratio' },
      note: `p50, each on disk; p99 ${amount(percentile(took.taught, 0.99))} ms`,
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const TAUGHT = 600
/** The first ones are for the compiler. */
const WARM = 150

/** A person's yes with what is learned of it and, in turns, a yes with as many events and bytes that teach nothing. */
async function taught(
  journal: Journal,
  learning: Learning,
): Promise<{ taught: number[]; bare: number[] }> {
  const took = { taught: [] as number[], bare: [] as number[] }
  const timed = async (into: number[], drafts: () => Draft[]): Promise<DeckEvent[]> => {
    const began = performance.now()
    const events = await journal.append(drafts)
    into.push(performance.now() - began)
    return events
  }
  for (let i = 0; i < TAUGHT; i++) {
    const { agent, action, risk } = questionAt(i)
    const [one, other] = [`apr_a${i}`, `apr_b${i}`]
    await journal.append(() =>
      [one, other].map((id) => ({
        type: 'approval.requested',
        actor: `agent:${agent.name}`,
        subject: agent.name,
        body: { id, action, fingerprint: id, risk, reasons: [], policies: [], expiresAt: 0 },
      })),
    )
    const yes = (id: string): Draft => ({
      type: 'approval.decided',
      actor: 'operator',
      subject: agent.name,
      body: { id, state: 'allowed', note: '', edited: null, lease: null },
    })
    const [, ...lessons] = await timed(took.taught, () => [
      yes(one),
      ...lessonDrafts(
        { book: learning.book, clock: systemClock },
        {
          agent,
          action,
          risk,
          of: one,
          ran: true,
          result: 'success',
          prompted: true,
          override: 'confirmed_after_prompt',
        },
      ),
    ])
    const notes = lessons.map(({ body }) =>
      'x'.repeat(Math.max(0, JSON.stringify(body).length - 11)),
    )
    await timed(took.bare, () => [
      yes(other),
      ...notes.map((note): Draft => ({
        type: 'agent.failed',
        actor: 'supervisor',
        subject: agent.name,
        body: { note },
      })),
    ])
  }
  return { taught: took.taught.slice(WARM), bare: took.bare.slice(WARM) }
}

const STARTS = 7

/** A supervisor that is not there answers its first command; in turns without a rule and with many. */
async function starts({ program, say }: Bench): Promise<Row> {
  say(`starting with ${amount(RULES)} rules`)
  const [without, having] = [await openDeck(program), await openDeck(program)]
  try {
    await having.cli('supervisor', 'stop')
    await seeded(having)
    const took = {
      without: [] as number[],
      having: [] as number[],
      ready: [] as number[],
      none: [] as number[],
    }
    for (let i = 0; i < STARTS; i++) {
      took.without.push(await firstAnswer(without, 'list'))
      took.having.push(await firstAnswer(having, 'list'))
      took.none.push(await firstAnswer(without, 'policy', 'rules', '--limit', '1'))
      took.ready.push(await firstAnswer(having, 'policy', 'rules', '--limit', '1'))
    }
    const more = median(took.having) - median(took.without)
    const rules = median(took.ready) - median(took.none)
    return row({
      what: ROWS[4],
      value: more,
      unit: 'ms',
      target: { atMost: 50 },
      note: `${amount(median(took.having))} beside ${amount(median(took.without))} ms; to the first answer about rules ${amount(rules)} ms more`,
    })
  } finally {
    await Promise.allSettled([without.dispose(), having.dispose()])
  }
}

async function firstAnswer(deck: Deck, ...words: string[]): Promise<number> {
  await deck.cli('supervisor', 'stop').catch(() => undefined)
  const began = performance.now()
  await deck.cli(...words)
  return performance.now() - began
}

async function seeded(deck: Deck): Promise<void> {
  const store = openStore(deck.home.database)
  const key = await openHostKey(deck.home.secrets)
  const mark = new HeadMark({ path: deck.home.headMark, key, boot: '' })
  mark.open(headIn(store), Date.now())
  const journal = openJournal(store, {
    clock: systemClock,
    nouns,
    path: deck.home.database,
    mark,
  })
  await writeRules(journal, RULES)
  journal.close()
  store.close()
}
