import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { plainWords } from '../../src/command-analysis/shell/plain-words.ts'
import { runCli } from '../../src/doors/cli/run.ts'
import { OPERATOR, TestDeck, type TestAgent } from '../support/deck.ts'
import type { Simulation } from '../../src/domain/rules/trials/types.ts'
import type { Why } from '../../src/domain/rules/why/types.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const open = () => new TestDeck((act) => cleanups.push(act)).start()

/** The command line, as it is typed, on a deck that runs. */
async function typed(
  deck: TestDeck,
  argv: readonly string[],
  cwd = '/',
): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await runCli(argv, {
    env: { CLAWDECK_HOME: deck.home.root, NO_COLOR: '1' },
    cwd,
    streams: { stdin: Readable.from([]), stdout, stderr },
    program: {
      version: 'test',
      launch: { command: '/nothing', args: [] },
      openConsole: async () => undefined,
      freezeAlone: async () => ({ paused: [], failed: [], unmarked: '' }),
      attachWhole: async () => 0,
    },
  })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

const why = async (deck: TestDeck, id: string) => (await deck.deck.rules.why(id)) as Why
const asked = async (agent: TestAgent, command = 'make all') => (await agent.exec(command)).id
const allow = (deck: TestDeck, id: string) => deck.deck.approvals.allow(id, {}, OPERATOR)
const policy = (deck: TestDeck, agent: string, effect: 'allow' | 'ask' | 'block') =>
  deck.deck.policy.add({ effect, type: 'exec', target: 'make *', agent }, OPERATOR)

/** What leads to a question, by what answered it: its id. */
const WAYS: Record<string, (deck: TestDeck, agent: TestAgent) => Promise<string>> = {
  'nobody answers for it': (_, agent) => asked(agent),
  'a candidate is on its way': async (deck, agent) => {
    await allow(deck, await asked(agent))
    return asked(agent)
  },
  'a policy asks': async (deck, agent) => {
    await policy(deck, agent.name, 'ask')
    return asked(agent)
  },
  'a policy asks, and it was refused': async (deck, agent) => {
    await policy(deck, agent.name, 'ask')
    const id = await asked(agent)
    await deck.deck.approvals.deny(id, {}, OPERATOR)
    return id
  },
  'a rule always asks': async (deck, agent) => {
    const id = await asked(agent)
    await deck.deck.rules.propose(
      { approval: id, width: 'kind', decision: 'ask', scope: 'project', days: null },
      OPERATOR,
    )
    return asked(agent)
  },
  'a policy forbids it': async (deck, agent) => {
    await policy(deck, agent.name, 'block')
    return asked(agent)
  },
  'two policies forbid it': async (deck, agent) => {
    await policy(deck, agent.name, 'block')
    await policy(deck, agent.name, 'block')
    return asked(agent)
  },
  'a policy allows it': async (deck, agent) => {
    await policy(deck, agent.name, 'allow')
    return asked(agent)
  },
  'a rule allows it': async (deck, agent) => {
    await deck.deck.rules.propose(
      {
        approval: await asked(agent),
        width: 'exact',
        decision: 'allow',
        scope: 'project',
        days: 7,
      },
      OPERATOR,
    )
    return asked(agent)
  },
  'a lease allows it': async (deck, agent) => {
    await deck.deck.approvals.allow(
      await asked(agent),
      { lease: { uses: 9, minutes: 9 } },
      OPERATOR,
    )
    return asked(agent)
  },
  'the lock allows it': (_, agent) => asked(agent, 'git status'),
}

describe('what is said to turn an answer', () => {
  it.each(Object.entries(WAYS))('does so when it is typed: %s', async (_, lead) => {
    const deck = await open()
    const first = await why(deck, await lead(deck, await deck.agent('a0')))
    expect(first.turns.length).toBeGreaterThan(0)
    for (const i of first.turns.keys()) {
      const id = await lead(deck, await deck.agent(`b${i}`))
      const { turns, now } = await why(deck, id)
      expect(turns).toHaveLength(first.turns.length)
      for (const command of (turns[i]?.command ?? '').split(' && ')) {
        const [program, ...argv] = plainWords(command) ?? []
        expect([program, await typed(deck, argv)]).toMatchObject(['clawdeck', { code: 0 }])
      }
      const after = (await why(deck, id)).now.decision
      expect([
        turns[i]?.command,
        now.decision === 'require_approval' ? after : after !== now.decision,
      ]).toEqual([turns[i]?.command, now.decision === 'require_approval' ? 'allow' : true])
    }
  })

  it.each([
    ['it is published', { target: 'npm publish', argv: ['npm', 'publish'] }, 'guard.ask'],
    [
      'it is too risky',
      { target: 'make all', argv: ['make', 'all'], reversible: false },
      'guard.maxAutoRisk: 45',
    ],
  ])('is the template alone where the lock asks: %s', async (_, question, part) => {
    const deck = await open()
    const heard = await (await deck.agent('a1')).ask({ type: 'exec', ...question })
    const { turns, limits, path } = await why(deck, heard.id)
    expect(path.find(({ decided }) => decided)).toMatchObject({ layer: 'lock' })
    expect(limits[0]).toContain('only a change of the template')
    expect(
      turns.every(
        ({ text, command }) =>
          text.includes('template') && command.includes('clawdeck start a1 --force'),
      ),
    ).toBe(true)
    expect(turns[0]?.text).toContain(part)
  })

  it('names the factors without which the risk would be within the limit', async () => {
    const deck = await open()
    const heard = await (
      await deck.agent('a1')
    ).ask({ type: 'exec', target: 'make all', argv: ['make', 'all'], reversible: false })
    expect((await why(deck, heard.id)).limits[1]).toBe(
      'risk 45 is over the auto-approve limit 40: without one of runs a command +20, not reversible +25 it would be within the limit',
    )
  })
})

describe('on the command line', () => {
  it('simulate prints what would change, within 80 columns, and takes a path from where it is typed', async () => {
    const deck = await open()
    await allow(
      deck,
      await asked(
        await deck.agent('a1'),
        'make release --part one --of several --with a-long-name --and another-one',
      ),
    )
    const folder = join(deck.home.root, 'trials')
    mkdirSync(folder)
    writeFileSync(
      join(folder, 'p.yaml'),
      'policies:\n  - { id: no, effect: block, type: exec, target: "make *" }\n',
    )
    const { code, out } = await typed(deck, ['policy', 'simulate', 'p.yaml'], folder)
    expect(code).toBe(0)
    expect(out).toContain('1 answer would change: 1 denied')
    expect(out).toContain('allowed by a person → denied')
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
    const json = JSON.parse(
      (await typed(deck, ['policy', 'simulate', './p.yaml', '--json'], folder)).out,
    ) as Simulation
    expect(json).toMatchObject({
      changed: 1,
      flips: [{ was: 'allowed by a person', would: 'block' }],
    })
    expect(await typed(deck, ['policy', 'simulate', 'policy_none'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('no rule policy_none') as string,
    })
    expect(await typed(deck, ['policy', 'simulate', 'none.yaml'])).toMatchObject({
      code: 3,
      err: expect.stringContaining('/none.yaml') as string,
    })
  })

  it('why prints the way, what would turn it, and why a rule moved', async () => {
    const deck = await open()
    const agent = await deck.agent('a1')
    for (let i = 0; i < 3; i++) await allow(deck, await asked(agent))
    const { out } = await typed(deck, ['policy', 'why', await asked(agent)])
    for (const part of [
      '▸ rule',
      'learned from 3 approvals',
      'the answer now  allowed',
      'clawdeck policy suspend policy_',
    ])
      expect(out).toContain(part)
    const rule = (await deck.deck.rules.list({ limit: 1 }))[0]?.id ?? ''
    const moved = (await typed(deck, ['policy', 'why', rule])).out
    for (const part of [
      'candidate → confirmed',
      'a person approved: exec make all',
      `clawdeck policy suspend ${rule}`,
    ])
      expect(moved).toContain(part)
    for (const line of `${out}${moved}`.split('\n'))
      expect(line.length, line).toBeLessThanOrEqual(80)
    expect(await typed(deck, ['policy', 'why', 'apr_none'])).toMatchObject({ code: 3 })
  })
})
