import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Journal } from '../../src/journal/journal.ts'
import type { Draft } from '../../src/journal/types.ts'
import { realJournal } from '../support/journal.ts'
import { amount, median, percentile, row, type Bench, type Group, type Row } from './harness.ts'
import { mebibytes } from './processes.ts'

const EVENTS = 1_000_000
const GROUP = 1000
const ROWS = ['1,000,000 events: verify', '1,000,000 events: newest-first search'] as const

/** A journal of a million events, made by the journal's own code, proven and searched. */
export const journal: Group = {
  name: 'journal',
  rows: ROWS,
  async run({ say }: Bench): Promise<Row[]> {
    const folder = mkdtempSync('/tmp/cdb-')
    try {
      const deck = await realJournal(folder)
      say(`writing ${amount(EVENTS)} events`)
      // How fast they are written is measured elsewhere; here they only have to be there.
      deck.store.pragma('synchronous = OFF')
      await fill(deck.journal)
      await deck.mirror.flush()
      say('making them findable')
      await deck.audit.search({ text: 'push', limit: 1 })
      deck.checkpoints.sign()
      say('proving them')
      const took: number[] = []
      for (let i = 0; i < 3; i++) {
        const { ok, events, took: ms } = await deck.audit.verify({})
        if (!ok || events !== EVENTS) throw new Error(`verify says ok ${ok} of ${events} events`)
        took.push(ms / 1000)
      }
      say('searching them')
      const searches = await searchTimes(deck.audit)
      const size = `${amount(mebibytes(statSync(join(folder, 'deck.db')).size))} MiB`
      await deck.close()
      return [
        row({
          what: ROWS[0],
          value: median(took),
          unit: 's',
          target: { atMost: 3 },
          note: `${size}, its mirror too`,
        }),
        row({
          what: ROWS[1],
          value: percentile(searches, 0.95),
          unit: 'ms',
          target: { atMost: 5 },
          note: `p95 of ${searches.length}; p50 ${amount(median(searches))} ms`,
        }),
      ]
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
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

const AGENTS = ['backend', 'scout', 'reviewer', 'ops', 'archivist', 'builder', 'writer', 'tester']
const COMMANDS = [
  'git status',
  'npm test',
  'ls -la src',
  'cat README.md',
  'git push origin main',
  'grep -rn todo src',
  'node build.js',
  'curl -s https://example.org/a',
]

/** What a deck's journal is made of: mostly decisions and what became of them. */
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
  if (i % 50 === 0)
    return {
      type: 'agent.failed',
      actor: 'supervisor',
      subject: agent,
      body: { note: `no answer from the pod, try ${i}` },
    }
  const target = `${COMMANDS[i % 7] as string} --part ${(i * 7919) % 10_007}`
  return {
    type: 'action.decided',
    actor,
    subject: agent,
    body: {
      id: `act_${i.toString(36)}`,
      fingerprint: ((i * 2654435761) % 2 ** 32).toString(16),
      decision: 'allow',
      lease: null,
      policies: ['pol_tests'],
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
      risk: { score: 20, factors: [{ label: 'runs a command', points: 20 }] },
      reasons: [{ layer: 'policy', id: 'pol_tests', text: 'policy pol_tests allows exec npm*' }],
    },
  }
}

/** Milliseconds of searches as operators type them: rare and common words, beginnings, one agent, one type, further pages. */
async function searchTimes(
  audit: Awaited<ReturnType<typeof realJournal>>['audit'],
): Promise<number[]> {
  const took: number[] = []
  for (let i = 0; i < 60; i++) {
    const agent = AGENTS[i % AGENTS.length] as string
    const part = String((i * 131) % 10_007)
    const questions = [
      { text: part },
      { text: 'git push' },
      { text: 'np*' },
      { text: `push ${part}`, agent },
      { text: 'failed', type: 'agent.failed' },
      { agent },
      { agent, type: 'agent.failed' },
      { type: 'action.decided', before: EVENTS - i * 9000 },
      { text: 'curl', before: EVENTS / 2 },
    ]
    for (const question of questions) {
      const began = performance.now()
      await audit.search({ ...question, limit: 50 })
      took.push(performance.now() - began)
    }
  }
  return took
}
