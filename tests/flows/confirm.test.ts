import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Approval } from '../../src/domain/approvals/types.ts'
import { confirmationsToAllow } from '../../src/domain/approvals/rules.ts'
import { runCli } from '../../src/doors/cli/run.ts'
import { executor, type Execute } from '../../src/supervisor/execute.ts'
import { yesTo } from '../support/confirmed.ts'
import { OPERATOR, TestDeck, type TestAgent } from '../support/deck.ts'

const LOW = 'npm install left-pad'
const HIGH = 'git push origin main'
/** What makes a question risky, whatever it is. */
const STAKES = { reversible: false, systems: ['production'] }

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
let deck: TestDeck
let a1: TestAgent
let execute: Execute
const owner = {
  actor: 'operator:test',
  door: 'operator',
  role: 'owner',
  signal: new AbortController().signal,
} as const

beforeEach(async () => {
  deck = await new TestDeck((act) => cleanups.push(act)).start()
  a1 = await deck.agent('a1')
  const { journal } = deck.running.composed.record
  execute = executor({ deck: deck.deck, journal, refused: async () => undefined })
})

async function asked(
  target: string,
  more: object = target === HIGH ? STAKES : {},
): Promise<Approval> {
  const { id } = await a1.ask({ type: 'exec', target, ...more })
  return deck.deck.approvals.get(id)
}

const stateOf = async ({ id }: Approval) => (await deck.deck.approvals.get(id)).state
const allow = async (input: unknown) => execute('approval.allow', input, owner)

describe('a yes, through any door', () => {
  it('is for what was shown whole, and for nothing else', async () => {
    const [one, other] = [await asked(LOW), await asked('npm install other')]
    const missing = { code: 'confirmation.needed', confirm: [{ what: 'seen' }] }
    await expect(allow({ ids: [one.id] })).rejects.toMatchObject(missing)
    await expect(allow({ ...yesTo(other), ids: [one.id] })).rejects.toMatchObject(missing)
    expect(await stateOf(one)).toBe('pending')
    await allow(yesTo(one))
    expect(await stateOf(one)).toBe('allowed')
  })

  it('takes the risk by its number where it is high', async () => {
    const high = await asked(HIGH)
    expect(high.risk.score).toBeGreaterThanOrEqual(70)
    const { ids, confirm } = yesTo(high)
    for (const risk of [undefined, '1'])
      await expect(allow({ ids, confirm: { ...confirm, risk } })).rejects.toMatchObject({
        code: 'confirmation.needed',
        confirm: [{ what: 'risk', value: String(high.risk.score) }],
        hint: expect.stringContaining(`--confirm risk=${high.risk.score}`),
      })
    await allow({ ids, confirm })
    expect(await stateOf(high)).toBe('allowed')
  })

  it('says how many, and the worst of them, where there are several', async () => {
    const several = [await asked(LOW), await asked(HIGH), await asked('npm install other')]
    const { ids, confirm } = yesTo(...several)
    await expect(allow({ ids, confirm: { ...confirm, count: '2' } })).rejects.toMatchObject({
      confirm: [{ what: 'count', value: '3', text: expect.stringMatching(/^3 at once.*risk \d+/) }],
    })
    expect(await allow({ ids, confirm })).toMatchObject({ failed: [] })
    expect(await Promise.all(several.map(stateOf))).toEqual(['allowed', 'allowed', 'allowed'])
  })

  it('decides the others when one was decided meanwhile, and tells which was not', async () => {
    const [one, other] = [await asked(LOW), await asked('npm install other')]
    const yes = yesTo(one, other)
    await deck.deck.approvals.deny(one.id, {}, OPERATOR)
    const again = { ...yesTo(other), ids: yes.ids }
    expect(await allow(again)).toMatchObject({
      decided: [{ id: other.id, state: 'allowed' }],
      failed: [{ code: 'approval.decided' }],
    })
    expect(await stateOf(one)).toBe('denied')
  })

  it('takes the risk of what it was edited to', async () => {
    const low = await asked('make all', STAKES)
    const edit = { ...yesTo(low), target: HIGH }
    await expect(allow(edit)).rejects.toMatchObject({
      confirm: [{ what: 'risk', text: expect.stringContaining(HIGH) }],
    })
    expect(await stateOf(low)).toBe('pending')
  })

  it('shows the whole text, with marks for what cannot be seen', async () => {
    const hidden = await asked(`npm install ${'x'.repeat(3000)}\u202e-end`)
    const [seen] = confirmationsToAllow([hidden])
    expect(seen?.text).toMatch(/^a1 wants: exec npm install .?x{3000}.*-end/)
    expect(seen?.text).not.toContain('\u202e')
  })
})

/** Types a command line, and the answers to what it asks, on a terminal if there are any. */
async function clawdeck(line: string, answers?: string) {
  const stream = () => Object.assign(new PassThrough(), { isTTY: answers !== undefined })
  const [stdout, stderr] = [stream(), stream()]
  const stdin = Object.assign(Readable.from(answers === undefined ? [] : [answers]), {
    isTTY: answers !== undefined,
  })
  const printed = Promise.all([text(stdout), text(stderr)])
  const code = await runCli(line.split(' '), {
    env: { CLAWDECK_HOME: deck.home.root, NO_COLOR: '1' },
    cwd: '/',
    streams: { stdin, stdout, stderr },
    program: {
      version: 'test',
      launch: { command: 'none', args: [] },
      openConsole: async () => undefined,
      freezeAlone: async () => ({ paused: [], failed: [], unmarked: '' }),
      attachWhole: async () => 0,
    },
  })
  stdout.end()
  stderr.end()
  const [out, err] = await printed
  return { code, out, err }
}

describe('a wide policy', () => {
  const add = async (policy: object) =>
    execute('policy.add', { effect: 'allow', type: 'exec', ...policy }, owner)
  const count = async () => (await deck.deck.policy.list()).policies.length

  it('says what of the recorded past it would have let through, and wants that confirmed', async () => {
    await asked(LOW)
    await asked('npm install other')
    const fault = await add({ target: '*' }).catch((thrown: unknown) => thrown)
    expect(fault).toMatchObject({
      code: 'confirmation.needed',
      confirm: [{ what: 'past', value: '2' }],
      message: expect.stringMatching(/would have let 2 more through$/) as string,
    })
    expect(await count()).toBe(0)
    await expect(add({ target: '*', confirm: { past: '1' } })).rejects.toMatchObject({
      code: 'confirmation.needed',
    })
    await add({ target: '*', confirm: { past: '2' } })
    expect(await count()).toBe(1)
  })

  it('that allows everything is refused, whatever is confirmed', async () => {
    for (const policy of [{ type: '*', target: '*' }, { type: undefined }])
      await expect(add({ ...policy, confirm: { past: '0' } })).rejects.toMatchObject({
        code: 'policies.invalid',
      })
    expect(await count()).toBe(0)
  })

  it('is nothing that a narrow one, or one that blocks, is taken for', async () => {
    await add({ target: 'git status*' })
    await add({ target: 'ls*' })
    await add({ effect: 'block', target: '*' })
    expect(await count()).toBe(3)
  })
})

describe('on the command line', () => {
  it('prints all of what is allowed, and asks nothing of a script at low risk', async () => {
    const low = await asked(LOW)
    const { code, out, err } = await clawdeck(`approvals allow ${low.id}`)
    expect({ code, err }).toEqual({ code: 0, err: `a1 wants: exec ${LOW}\n` })
    expect(out).toContain('allowed')
  })

  it('wants the risk named by a script at high risk', async () => {
    const high = await asked(HIGH)
    const { code, err } = await clawdeck(`approvals allow ${high.id}`)
    expect(code).toBe(4)
    expect(err).toContain(`add --confirm risk=${high.risk.score}`)
    expect(await stateOf(high)).toBe('pending')
    const named = await clawdeck(`approvals allow ${high.id} --confirm risk=${high.risk.score}`)
    expect(named.code).toBe(0)
    expect(await stateOf(high)).toBe('allowed')
  })

  it('asks a person at a terminal, who may think better of it', async () => {
    const high = await asked(HIGH)
    const no = await clawdeck(`approvals allow ${high.id}`, 'y\n')
    expect(no.code).toBe(4)
    expect(no.err).toMatch(/risk \d+: a1 wants: exec git push.*\nType \d+: /)
    expect(await stateOf(high)).toBe('pending')
    const yes = await clawdeck(`approvals allow ${high.id}`, `${high.risk.score}\n`)
    expect(yes.code).toBe(0)
    expect(await stateOf(high)).toBe('allowed')
  })

  it('decides several, and fails for the one that was decided before', async () => {
    const [one, other] = [await asked(LOW), await asked('npm install other')]
    await deck.deck.approvals.deny(one.id, {}, OPERATOR)
    const { code, out } = await clawdeck(`approvals allow ${one.id} ${other.id} --confirm count=1`)
    expect(code).toBe(1)
    expect(out).toMatch(/✗ .* is already denied/)
    expect(await stateOf(other)).toBe('allowed')
  })
})
