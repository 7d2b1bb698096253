import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { everyProcess } from '../../src/adapters/local/pods.ts'
import { startedWith } from '../../src/adapters/proc.ts'
import type { Agent } from '../../src/domain/agents/types.ts'
import type { DeckEvent } from '../../src/journal/types.ts'
import { FleetLoad } from '../support/fleet-load.ts'
import { GuardLoad } from '../support/guard-load.ts'
import { tempFolder } from '../support/journal.ts'
import { Outcomes } from '../support/outcomes.ts'
import { seeded } from '../support/random.ts'
import { SupervisorProcess } from '../support/supervisor-process.ts'
import { until } from '../support/until.ts'

const KILLS = 100
const AGENTS = 6
const OPERATORS = 3
/** How what is asked for begins, of each kind that the load knows. */
const KINDS = [
  'git status',
  'sudo',
  'deploy yes',
  'deploy no',
  'deploy race',
  'deploy lease',
  'deploy never',
]
/** How long a person has, in the deck under test. */
const PATIENCE_MS = 3000
/** How much longer an answer may take, because its time came while nobody was there to say so. */
const SLACK_MS = 120_000

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

describe('a supervisor that is killed', () => {
  it(
    `forgets nothing it acknowledged and lets nothing through, ${KILLS} times`,
    { timeout: 900_000 },
    async () => {
      const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)
      try {
        await killAgainAndAgain(seeded(seed))
      } catch (cause) {
        throw new Error(
          `with KILL_SEED=${seed}: ${cause instanceof Error ? cause.message : String(cause)}`,
          { cause },
        )
      }
    },
  )
})

async function killAgainAndAgain(random: () => number): Promise<void> {
  const folder = tempFolder((act) => cleanups.push(act))
  const supervisor = new SupervisorProcess(
    folder,
    `approvals: { expiryMinutes: ${PATIENCE_MS / 60_000} }\n`,
  )
  cleanups.push(() => supervisor.end())
  await supervisor.start()
  await supervisor.link.do('agent.create', { template: 'coder', agent: 'a1' })
  await supervisor.link.do('agent.start', { agent: 'a1' })

  const load = new GuardLoad({
    door: supervisor.home.agent('a1').door,
    link: supervisor.link,
    random,
  })
  const fleet = new FleetLoad(supervisor.link, 'b1')
  cleanups.push(() => {
    load.end()
    fleet.end()
  })
  const running = Promise.all([load.run(AGENTS, OPERATORS), fleet.run()])
  for (let kill = 0; kill < KILLS; kill++) {
    await someMoment(supervisor, load, random)
    await supervisor.kill()
    supervisor.spawn()
  }
  await supervisor.ready()
  expect(await supervisor.link.do('audit.verify', {}), 'while it is busy').toMatchObject({
    ok: true,
    problems: [],
  })
  // Who was killed so often hardly answered anything: the load is one when every kind of answer came up.
  await until('every kind of question was answered', () =>
    KINDS.every((kind) => load.told.some((t) => !t.pending && t.target.startsWith(kind))),
  )
  load.end()
  fleet.end()
  await running
  // A question whose asker never heard its id waits too, until its time is up.
  await until(
    'nothing waits',
    async () =>
      ((await supervisor.link.do('approval.list', { state: 'pending', limit: 200 })) as unknown[])
        .length === 0,
    PATIENCE_MS + SLACK_MS,
  )

  expect([...load.wrong, ...fleet.wrong]).toEqual([])
  // A crash alone never looks as if somebody had cut the journal.
  expect(await supervisor.link.do('supervisor.status', {})).toMatchObject({ journalProblem: null })
  expect(await supervisor.link.do('audit.search', { type: 'journal.loss_found' })).toEqual([])
  expect(load.longestWait).toBeLessThan(PATIENCE_MS + SLACK_MS)
  expect(await supervisor.link.do('audit.verify', {})).toMatchObject({ ok: true, problems: [] })
  expect(await supervisor.link.do('audit.rebuild', {})).toMatchObject({
    same: true,
    differences: [],
  })
  const file = join(folder, 'export.jsonl')
  await supervisor.link.do('audit.export', { path: file })
  const events = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as DeckEvent)
  expect(new Outcomes(events).contradictions(load)).toEqual([])
  const found = (await supervisor.link.do('audit.search', {
    text: ['reboot'],
    limit: 10_000,
  })) as DeckEvent[]
  expect(found.map(({ seq }) => seq).toReversed()).toEqual(
    events.filter(({ body }) => /\breboot\b/.test(JSON.stringify(body))).map(({ seq }) => seq),
  )
  expect(load.acknowledged.length).toBeGreaterThan(10)
  await checkFleet(supervisor)
}

/** Some moment of a supervisor's life: while it starts, or just after somebody heard that something is done. */
async function someMoment(
  supervisor: SupervisorProcess,
  load: GuardLoad,
  random: () => number,
): Promise<void> {
  if (random() < 0.3) {
    await pause(random() * 250)
    return
  }
  await supervisor.ready()
  for (let more = Math.floor(random() * 8); more > 0; more--) await load.nextAcknowledged()
  if (random() < 0.5) await pause(random() * 20)
}

/** Whatever was begun when it was killed is finished or undone: an agent of that name lives a whole life again. */
async function checkFleet({ home, link }: SupervisorProcess): Promise<void> {
  const there = (await link.do('agent.list')) as Agent[]
  if (there.some(({ name }) => name === 'b1'))
    await link.do('agent.delete', { agent: 'b1', force: true })
  await link.do('agent.create', { template: 'reviewer', agent: 'b1' })
  expect(await link.do('agent.start', { agent: 'b1' })).toMatchObject({ phase: 'up' })
  const ofB1 = () =>
    everyProcess().filter((pid) => startedWith(pid, `CLAWDECK_GUARD=unix:${home.agent('b1').door}`))
  expect(ofB1()).not.toEqual([])
  await link.do('agent.delete', { agent: 'b1', force: true })
  expect(ofB1()).toEqual([])
}
