import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { DeckClient, type ClientEvent } from '../../../src/client/client.ts'
import type { DoorRow } from '../../../src/domain/doors/types.ts'
import type { Approval } from '../../../src/domain/approvals/types.ts'
import type { DeckEvent } from '../../../src/journal/types.ts'
import { ApiLoad } from '../../support/api-load.ts'
import { yesTo } from '../../support/confirmed.ts'
import { tempFolder } from '../../support/journal.ts'
import { seeded } from '../../support/random.ts'
import { SupervisorProcess } from '../../support/supervisor-process.ts'
import { until } from '../../support/until.ts'

const KILLS = 10
const PROGRAMS = 6
const ORG = 'org_default'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

test(
  `the API forgets nothing that it acknowledged, killed ${KILLS} times`,
  { timeout: 300_000 },
  async () => {
    const seed = Number(process.env['KILL_SEED'] ?? Date.now() % 1_000_000)
    try {
      await killAgainAndAgain(seeded(seed))
    } catch (cause) {
      const { message } = cause as Error
      throw new Error(`with KILL_SEED=${seed}: ${message}`, { cause })
    }
  },
)

async function killAgainAndAgain(random: () => number): Promise<void> {
  const folder = tempFolder((act) => cleanups.push(act))
  const supervisor = new SupervisorProcess(folder, 'api: { requestsPerMinute: 0 }\n')
  cleanups.push(() => supervisor.end())
  const { link } = await supervisor.start()
  const { address } = (await link.do('api.serve', { state: 'on', port: 0 })) as DoorRow
  const made = await link.do('api_key.create', { label: 'load' })
  const { secret: key } = made as { secret: string }
  const url = address?.url ?? ''
  const client = new DeckClient({ baseUrl: url, apiKey: key, agentId: 'scout' })

  const heard = new Heard(client)
  cleanups.push(() => heard.close())
  await heard.connected
  const { action_id: held } = await client.createAction({
    action_type: 'deploy',
    declared_goal: 'wait for the last word',
  })
  const waiting = client.waitForApproval(held, { timeout: 600_000, interval: 200 })
  const load = new ApiLoad({ url, key, link, random })
  cleanups.push(() => load.end())
  const running = load.run(PROGRAMS)
  for (let kill = 0; kill < KILLS; kill++) {
    await someMoment(supervisor, load, random)
    await supervisor.kill()
    supervisor.spawn()
  }
  await supervisor.ready()
  expect(await link.do('audit.verify', {})).toMatchObject({ ok: true, problems: [] })
  const { actions, guards, records } = load
  await until(
    'every kind of call was answered',
    () =>
      actions.size > 20 && [guards, records.goals, records.messages].every((of) => of.length > 2),
  )
  load.end()
  await running
  expect(load.wrong).toEqual([])

  await expectEverything(load)
  await expectWaiting(load, supervisor, held)
  const [last] = await pendingOf(supervisor, 'the last word')
  await link.do('approval.allow', yesTo(last as Approval))
  expect(await waiting).toMatchObject({ action: { action_id: held, status: 'running' } })

  expect(await link.do('audit.verify', {})).toMatchObject({ ok: true, problems: [] })
  expect(await link.do('audit.rebuild', {})).toMatchObject({ same: true, differences: [] })
  const events = await exported(supervisor, join(folder, 'export.jsonl'))
  expectOnce(load, events)
  await heard.expectAll(events)
}

/** Some moment of its life: while it starts, or just after somebody heard that something is done. */
async function someMoment(
  supervisor: SupervisorProcess,
  load: ApiLoad,
  random: () => number,
): Promise<void> {
  if (random() < 0.2) return void (await pause(random() * 250))
  await supervisor.ready()
  for (let more = 1 + Math.floor(random() * 20); more > 0; more--) await load.nextAcknowledged()
  await pause(random() * 20)
}

/** Pages through a whole list. */
async function listed(
  load: ApiLoad,
  path: string,
  name: string,
): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = []
  for (;;) {
    const answer = await load.call(
      `GET /${path}${path.includes('?') ? '&' : '?'}limit=100&offset=${rows.length}`,
    )
    const page = answer?.body[name] as Record<string, unknown>[]
    rows.push(...page)
    if (page.length === 0) return rows
  }
}

/** Whatever was acknowledged is listed exactly once, as it was told. */
async function expectEverything(load: ApiLoad): Promise<void> {
  const actions = await listed(load, 'actions', 'actions')
  const ids = actions.map(({ action_id: id }) => String(id))
  expect(new Set(ids).size).toBe(ids.length)
  const byId = new Map(actions.map((action) => [String(action['action_id']), action]))
  for (const [id, { status, summary }] of load.actions) {
    const action = byId.get(id)
    expect(action, id).toBeDefined()
    if (status === 'completed')
      expect(action, id).toMatchObject({ status, output_summary: summary })
    // An outcome or a yes whose answer was lost may have been written down.
    else expect(['running', status], id).toContain(action?.['status'])
  }
  const stats = (await load.call('GET /actions'))?.body['stats']
  expect(stats).toMatchObject({ total: ids.length })
  const guards = (await listed(load, 'guard', 'decisions')).map(({ id }) => id)
  expectEachOnce(load.guards, guards)
  const goals = (await listed(load, 'goals', 'goals')).map(({ title }) => title)
  expectEachOnce(load.records.goals, goals)
  const box = await listed(load, 'messages?agent_id=ada&direction=inbox', 'messages')
  expectEachOnce(
    load.records.messages,
    box.map(({ subject }) => subject),
  )
}

function expectEachOnce(acknowledged: readonly string[], found: readonly unknown[]): void {
  const counts = new Map<unknown, number>()
  for (const each of found) counts.set(each, (counts.get(each) ?? 0) + 1)
  expect([...counts].filter(([, count]) => count > 1)).toEqual([])
  expect(acknowledged.filter((each) => !counts.has(each))).toEqual([])
}

async function pendingOf({ link }: SupervisorProcess, word: string): Promise<Approval[]> {
  const found = await link.do('approval.list', { state: 'pending', limit: 200 })
  return (found as Approval[]).filter(({ action }) => action.target.includes(word))
}

/** What nobody decided still waits, for clients and for operators. */
async function expectWaiting(
  load: ApiLoad,
  supervisor: SupervisorProcess,
  held: string,
): Promise<void> {
  const waiting = await listed(load, 'actions?status=pending_approval', 'actions')
  expect(waiting.map(({ action_id: id }) => id)).toContain(held)
  const goals = waiting.map(({ declared_goal: goal }) => String(goal))
  const pending = (await pendingOf(supervisor, '')).map(({ action }) => action.target)
  expect(pending.toSorted()).toEqual(goals.toSorted())
  const later = [...load.actions].filter(([, { status }]) => status === 'pending_approval')
  const still = new Set(waiting.map(({ action_id: id }) => String(id)))
  const byOperator = new Set((await listed(load, 'actions', 'actions')).filter(isAllowed).map(idOf))
  expect(later.map(([id]) => id).filter((id) => !still.has(id) && !byOperator.has(id))).toEqual([])
}

const isAllowed = ({ approved_by: by }: Record<string, unknown>) => by !== null
const idOf = ({ action_id: id }: Record<string, unknown>) => String(id)

async function exported(supervisor: SupervisorProcess, path: string): Promise<DeckEvent[]> {
  await supervisor.link.do('audit.export', { path })
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as DeckEvent)
}

/** The journal has every acknowledged deed once. */
function expectOnce(load: ApiLoad, events: readonly DeckEvent[]): void {
  const of = <T extends DeckEvent['type']>(type: T) =>
    events.filter((event): event is DeckEvent<T> => event.type === type)
  const recorded = of('ledger.recorded').map(({ body }) => body.action.action_id)
  expectEachOnce([...load.actions.keys()], recorded)
  const decided = of('approval.decided').map(({ body }) => body.id)
  expectEachOnce(load.allowed, decided)
}

/** A client of the stream that connects again and again, from its cursor on. */
class Heard {
  readonly connected: Promise<void>
  readonly #events: ClientEvent[] = []
  /** Decisions that were told together with their action. */
  readonly #decided = new Set<string>()
  #latest: string | undefined
  readonly #stream
  #from = 0

  constructor(client: DeckClient) {
    this.#stream = client.events({ retryInterval: 20 })
    this.connected = new Promise((resolve) => {
      this.#stream.on<{ lastEventId: string }>('connected', ({ lastEventId }) => {
        if (this.#events.length === 0) this.#from = seqOf(lastEventId)
        resolve()
      })
    })
    this.#stream.on('*', (_: unknown, event) => {
      // A decision that comes before its action has no cursor of its own: the action has it.
      const isWithAction = event.type === 'guard.decision.created' && event.id === this.#latest
      this.#latest = event.id
      if (event.type === 'connected') return
      if (isWithAction) this.#decided.add((event.data as { id: string }).id)
      else this.#events.push(event)
    })
  }

  close(): void {
    this.#stream.close()
  }

  /** It was told everything since it first connected, in order and once. */
  async expectAll(events: readonly DeckEvent[]): Promise<void> {
    const told = events.filter(({ seq }) => seq > this.#from).filter(isTold)
    const last = told.at(-1)?.seq ?? 0
    await until('the last event was told', () => seqOf(this.#events.at(-1)?.id) >= last)
    this.close()
    expect(this.#events.map(({ id }) => seqOf(id))).toEqual(told.map(({ seq }) => seq))
    const decisions = told.map(({ body }) => (body as { decision?: { id: string } }).decision?.id)
    expect(decisions.filter((id) => id !== undefined && !this.#decided.has(id))).toEqual([])
  }
}

function seqOf(cursor = ''): number {
  return Number(/^j-(\d+)$/.exec(cursor)?.[1] ?? 0)
}

/** Events that clients are told of: what the load causes, and signals of so many actions. */
function isTold({ type, body }: DeckEvent): boolean {
  if (type === 'record.made') {
    const { org, kind } = body as DeckEvent<'record.made'>['body']
    return org === ORG && ['guard_decision', 'goal', 'message', 'signal'].includes(kind)
  }
  return ['ledger.recorded', 'ledger.reported', 'approval.decided'].includes(type)
}
