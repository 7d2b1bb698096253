import { generateKeyPairSync } from 'node:crypto'
import { NOT_LISTED } from './not-listed.ts'
import { writeFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { tableOf, type WorldHalf } from '../../../src/doors/console/store/world.ts'
import { nouns } from '../../../src/commands/registry.ts'
import { FLEET } from '../../../src/domain/agents/freezing/types.ts'
import type { PairingTerms } from '../../../src/domain/operators/pairing/types.ts'
import type { MirroredNoun, MirroredRows } from '../../../src/journal/types.ts'
import { OPERATOR, TestDeck, type TestAgent } from '../../support/deck.ts'
import { aSignal } from '../../support/fake-rows.ts'
import { absent, beat, escalated, lookAt } from '../../support/noticed.ts'
import { OpenConsole } from '../../support/open-console.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

const OFFER: PairingTerms = {
  kind: 'console',
  operator: null,
  rights: { role: 'viewer', agents: null },
  seconds: 60,
}

function aPublicKey(): string {
  const { publicKey } = generateKeyPairSync('ed25519')
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
}

interface Scene {
  deck: TestDeck
  a1: TestAgent
}

/** How a noun comes, changes and goes, and what an open console shows then. */
interface Life<N extends MirroredNoun> {
  come: (scene: Scene) => Promise<string>
  change: (scene: Scene, id: string) => Promise<unknown>
  changed: (row: MirroredRows[N]) => boolean
  go: (scene: Scene, id: string) => Promise<unknown>
  /** Absent where the row goes away. */
  over?: (row: MirroredRows[N]) => boolean
}

const leaving = new AbortController()

const LIVES: { [N in MirroredNoun]: Life<N> } = {
  api_agent: {
    come: (scene) => beat(scene.deck, 'online'),
    change: (scene) => beat(scene.deck, 'busy'),
    changed: ({ presence }) => presence?.status === 'busy',
    go: (scene) => beat(scene.deck, 'offline'),
    over: ({ presence }) => presence?.status === 'offline',
  },
  agent: {
    come: async ({ deck }) => {
      await deck.deck.agents.create({ template: 'coder', agent: 'b', backend: 'memory' }, OPERATOR)
      return 'b'
    },
    change: ({ deck }) => deck.deck.agents.start('b', false, OPERATOR),
    changed: ({ phase }) => phase === 'up',
    go: ({ deck }) => deck.deck.agents.remove('b', true, OPERATOR),
  },
  agent_key: {
    come: async ({ deck }) => {
      const far = { template: 'coder', agent: 'far', backend: 'outside' } as const
      await deck.deck.agents.create(far, OPERATOR)
      const key = `-----BEGIN PUBLIC KEY-----\n${aPublicKey()}\n-----END PUBLIC KEY-----`
      return (await deck.deck.agentKeys.request({ agent: 'far', key }, 'guest')).id
    },
    change: ({ deck }, id) => deck.deck.agentKeys.confirm(id, OPERATOR),
    changed: ({ state }) => state === 'trusted',
    go: ({ deck }, id) => deck.deck.agentKeys.end(id, OPERATOR),
    over: ({ state }) => state === 'revoked',
  },
  approval: {
    come: async ({ a1 }) => (await a1.exec('make it')).id,
    change: ({ deck }, id) => deck.deck.approvals.allow(id, { note: 'yes' }, OPERATOR),
    changed: ({ state }) => state === 'allowed',
    go: ({ deck }, id) =>
      deck.deck.guard.report('a1', id, { result: 'success', exitCode: 0, note: '' }),
    over: ({ outcome }) => outcome?.result === 'success',
  },
  freeze: {
    come: async ({ deck }) => (await deck.deck.freezing.freezeAll('', OPERATOR), FLEET),
    change: ({ deck }) => deck.deck.freezing.thaw('a1', OPERATOR),
    changed: ({ thawed }) => thawed.includes('a1'),
    go: ({ deck }) => deck.deck.freezing.thawAll(OPERATOR),
  },
  absence: {
    come: async ({ deck }) => {
      await absent(deck, 'absence.warned', { since: 1, until: 2, response: 'deny', to: [] })
      return 'operators'
    },
    change: ({ deck }) => absent(deck, 'absence.reached', { since: 1, response: 'deny' }),
    changed: ({ state }) => state === 'reached',
    go: ({ deck }) => absent(deck, 'absence.ended', { since: 1 }),
  },
  looking: {
    come: async ({ deck, a1 }) => lookAt(deck, (await a1.exec('make it')).id, 'ada', leaving),
    change: ({ deck }, id) => lookAt(deck, id, 'tom', leaving),
    changed: ({ operators }) => operators.includes('tom'),
    go: async () => leaving.abort(),
  },
  signal: {
    come: async ({ deck }) => {
      deck.deck.signalBoard.open()
      deck.deck.signalBoard.put('org', [aSignal()])
      return aSignal().id
    },
    change: async ({ deck }) => {
      deck.deck.signalBoard.put('org', [aSignal({ severity: 'red' })])
    },
    changed: ({ severity }) => severity === 'red',
    go: async ({ deck }) => deck.deck.signalBoard.close(),
  },
  lease: {
    come: async ({ deck, a1 }) => {
      const { id } = await a1.exec('git push origin main')
      const terms = { lease: { uses: 3, minutes: 60 } }
      return (await deck.deck.approvals.allow(id, terms, OPERATOR)).lease ?? ''
    },
    change: ({ a1 }) => a1.exec('git push origin main'),
    changed: ({ usesLeft }) => usesLeft === 2,
    go: ({ deck }, id) => deck.deck.leases.revoke(id, OPERATOR),
    over: ({ state }) => state === 'revoked',
  },
  pairing: {
    come: async ({ deck }) => (await deck.deck.access.offer(OFFER, OPERATOR)).pairing.id,
    change: ({ deck }, id) => deck.deck.access.refuse(id, OPERATOR),
    changed: ({ state }) => state === 'refused',
    go: async () => undefined,
    over: ({ state }) => state === 'refused',
  },
  device: {
    come: async ({ deck }) => {
      const { pairing, token } = await deck.deck.access.offer(OFFER, OPERATOR)
      const identity = { type: 'ed25519', spki: aPublicKey() } as const
      await deck.deck.access.present({ token, person: 'Ada', device: 'laptop', identity }, 'guest')
      return (await deck.deck.access.confirm(pairing.id, 'ada', OPERATOR)).id
    },
    change: ({ deck }, id) => deck.deck.access.revoke(id, OPERATOR),
    changed: ({ state }) => state === 'revoked',
    go: async () => undefined,
    over: ({ state }) => state === 'revoked',
  },
  operator: {
    come: async ({ deck }) =>
      (await deck.deck.operators.add('ada', { role: 'viewer', agents: null }, OPERATOR)).id,
    change: ({ deck }, id) =>
      deck.deck.operators.give(id, { role: 'operator', agents: ['a1'] }, OPERATOR),
    changed: ({ role, agents }) => role === 'operator' && agents?.[0] === 'a1',
    go: ({ deck }, id) => deck.deck.operators.remove(id, OPERATOR),
  },
  escalation: {
    come: async ({ deck, a1 }) => {
      const { id } = await a1.exec('make nobody answer')
      await escalated(deck, id, 1)
      return id
    },
    change: ({ deck }, id) => escalated(deck, id, 2),
    changed: ({ step }) => step === 2,
    go: ({ deck }, id) => deck.deck.approvals.deny(id, {}, OPERATOR),
  },
  webhook: {
    come: async ({ deck }) => {
      const terms = { id: 'ops', url: 'http://127.0.0.1:9/', events: ['lease.*'], agents: null }
      return (await deck.deck.webhooks.add(terms, OPERATOR)).webhook.id
    },
    change: ({ deck }, id) =>
      deck.running.composed.record.journal.append(() => [
        { type: 'webhook.failing', actor: 'supervisor', subject: '', body: { id, why: 'down' } },
      ]),
    changed: ({ why }) => why === 'down',
    go: ({ deck }, id) => deck.deck.webhooks.remove(id, OPERATOR),
  },
  policy: {
    come: async ({ deck }) => {
      const policy = { effect: 'allow', type: 'exec', target: 'true*', id: 'p1' } as const
      return (await deck.deck.policy.add(policy, OPERATOR)).id
    },
    change: ({ a1 }) => a1.exec('true now'),
    changed: ({ uses }) => uses === 1,
    go: ({ deck }, id) => deck.deck.policy.remove(id, OPERATOR),
  },
  rule: {
    come: async ({ deck, a1 }) => {
      const { id: approval } = await a1.exec('npm run build')
      return (
        await deck.deck.rules.propose(
          { approval, width: 'exact', decision: 'allow', scope: 'project', days: null },
          OPERATOR,
        )
      ).id
    },
    change: ({ deck }, id) => deck.deck.rules.suspend(id, '', OPERATOR),
    changed: ({ status }) => status === 'suspended',
    go: ({ deck }, id) => deck.deck.rules.archive(id, '', OPERATOR),
  },
  shell: {
    come: async ({ deck }) =>
      (await deck.deck.shells.open('a1', { columns: 80, rows: 24 }, OPERATOR)).id,
    change: async () => undefined,
    changed: ({ state }) => state === 'open',
    go: ({ deck }, id) => deck.deck.shells.end(id, OPERATOR),
    over: ({ state }) => state === 'ended',
  },
}

async function watched(): Promise<Scene & { console: OpenConsole }> {
  const deck = await new TestDeck((act) => cleanups.push(act))
    .withAccess()
    .withSettings('webhooks: { allowPrivate: [127.0.0.1] }')
    .start()
  const a1 = await deck.agent('a1')
  const console = new OpenConsole(deck, cleanups)
  await console.shows((world) => world.deck !== null)
  return { deck, a1, console }
}

describe('the nouns of the deck', () => {
  test('each have a life here, or are listed by no console', async () => {
    const { deck } = await watched()
    const here = Object.keys(LIVES).toSorted()
    expect(Object.keys(deck.deck.watch.snapshot().rows).toSorted()).toEqual(here)
    expect(nouns.all.map(({ name }) => name).toSorted()).toEqual(
      [...here, ...NOT_LISTED].toSorted(),
    )
  })
})

describe('an open console hears of a policy', () => {
  const shown = (world: WorldHalf, id: string) => tableOf(world, 'policy').has(id)
  const write = (deck: TestDeck, ids: readonly string[]) =>
    writeFileSync(
      deck.home.policies,
      ['policies:', ...ids.map((id) => `  - { id: ${id}, effect: ask, type: net }`), ''].join('\n'),
    )

  test('that somebody took out of the file', async () => {
    const { deck, console } = await watched()
    write(deck, ['first', 'second'])
    await console.shows((world) => shown(world, 'first') && shown(world, 'second'))
    write(deck, ['first'])
    await console.shows((world) => shown(world, 'first') && !shown(world, 'second'))
    expect((await deck.deck.policy.list()).policies.map(({ id }) => id)).toEqual(['first'])
  })

  test('that is removed in the same moment as another question uses it', async () => {
    const { deck, a1, console } = await watched()
    await LIVES.policy.come({ deck, a1 })
    await console.shows((world) => shown(world, 'p1'))
    await Promise.all([a1.exec('true now'), deck.deck.policy.remove('p1', OPERATOR)])
    await console.shows((world) => !shown(world, 'p1'))
    // A last event: whatever was told before it has arrived by then.
    await LIVES.lease.come({ deck, a1 })
    await console.shows((world) => tableOf(world, 'lease').size > 0)
    await console.shows((world) => !shown(world, 'p1'))
  })
})

describe('an open console hears of every noun', () => {
  test.each(Object.keys(LIVES) as MirroredNoun[])(
    '%s: that it came, changed and went',
    async (noun) => {
      const { console, ...scene } = await watched()
      const { deck } = scene
      const life = LIVES[noun] as Life<MirroredNoun>
      const id = await life.come(scene)
      const row = (world: WorldHalf) => tableOf(world, noun).get(id)
      await console.shows((world) => row(world) !== undefined)
      await life.change(scene, id)
      await console.shows((world) => {
        const now = row(world)
        return now !== undefined && life.changed(now)
      })
      await life.go(scene, id)
      await console.shows((world) => {
        const now = row(world)
        return now === undefined ? life.over === undefined : life.over?.(now) === true
      })
      expect(deck.log.filter((line) => line.includes('defect'))).toEqual([])
    },
  )
})
