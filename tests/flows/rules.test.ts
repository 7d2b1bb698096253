import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import type { RuleRow } from '../../src/domain/rules/types.ts'
import { OPERATOR, TestDeck, type TestAgent } from '../support/deck.ts'
import { PUSH, allowed, learned } from '../support/learned.ts'
import { typed } from '../support/typed.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const open = () => new TestDeck((act) => cleanups.push(act)).start()
const day = 86_400_000

async function json<T>(deck: TestDeck, ...argv: string[]): Promise<T> {
  const { code, out, err } = await typed(deck, ...argv, '--json')
  expect(err).toBe('')
  expect(code).toBe(0)
  return JSON.parse(out) as T
}

/** What the wrapper in a pod does: asks with the words of the command, and tells how it ended. */
function wrapped(
  deck: TestDeck,
  agent: TestAgent,
  path: string,
  words: readonly string[] = [],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath: deck.home.agent(agent.name).door, method: 'POST', path },
      (response) => {
        let text = ''
        response
          .setEncoding('utf8')
          .on('data', (chunk: string) => {
            text += chunk
          })
          .on('end', () => resolve(text))
      },
    )
    sent.on('error', reject)
    sent.end(words.join('\0'))
  })
}

async function run(deck: TestDeck, agent: TestAgent, exit: number): Promise<string> {
  const [first = ''] = (await wrapped(deck, agent, '/v1/exec?wait=0', PUSH.split(' '))).split('\n')
  const [said = '', id = ''] = first.split(' ')
  if (said === 'allow') await wrapped(deck, agent, `/v1/exec/${id}/exit?code=${exit}`)
  return said
}

describe('on the command line', () => {
  it('one sees what was learned, what it lacks, that it failed by its exit code, and what one can do about it', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    expect((await typed(deck, 'policy', 'rules')).out).toContain('Nothing was learned yet')
    for (let i = 0; i < 2; i++) {
      const [first = ''] = (await wrapped(deck, a1, '/v1/exec?wait=0', PUSH.split(' '))).split('\n')
      expect(first).toMatch(/^pending apr_/)
      expect((await typed(deck, 'approvals', 'allow', first.split(' ')[1] ?? '')).code).toBe(0)
    }
    const table = (await typed(deck, 'policy', 'rules')).out
    expect(table).toMatch(
      /^RULE +STATE +COUNT +USED +SCOPE +UNTIL +WHAT\npolicy_[0-9a-f]{10} +◇ candidate +2\/3 +0× +a1 +29 d +git push/,
    )
    for (const line of table.split('\n')) expect([...line].length).toBeLessThanOrEqual(80)
    const { id } = await learnedLast(deck, a1)
    const candidate = await typed(deck, 'policy', 'rule', id)
    expect(candidate.out).toContain('Allow git push origin main without asking, for a1.')
    expect(candidate.out).toMatch(
      /made by +learner[^]*evidence\n {2}· \d+ s ago {2}approved by a person, success[^]*history\n[^]*confirmed: candidate → confirmed[^]*created: candidate/,
    )
    expect([
      await run(deck, a1, 0),
      await run(deck, a1, 1),
      await run(deck, a1, 128),
      await run(deck, a1, 0),
    ]).toEqual(['allow', 'allow', 'allow', 'pending'])
    expect((await typed(deck, 'policy', 'suspended')).out).toMatch(
      new RegExp(`${id} +a1 +\\d+ s ago +failed twice`),
    )
    expect((await typed(deck, 'policy', 'recent', '--limit', '1')).out).toMatch(
      new RegExp(`${id} +confirmed → suspended +learned +failed twice`),
    )
    expect((await typed(deck, 'policy', 'status')).out).toMatch(
      /candidate +0\nconfirmed +0\nsuspended +1\narchived +0\n/,
    )
    expect((await typed(deck, 'policy', 'risky')).out).toContain('No confirmed rule')
    expect((await typed(deck, 'policy', 'resume', id, '--note', 'it was the network')).out).toMatch(
      new RegExp(`^${id} +◇ candidate +git push origin main, for a1, for 29 d more\n$`),
    )
    expect(await json(deck, 'policy', 'confirm', id)).toMatchObject({ id, status: 'confirmed' })
    expect(
      (await json<{ history: unknown[] }>(deck, 'policy', 'rule', id)).history[1],
    ).toMatchObject({
      type: 'rule.resumed',
      actor: 'operator:maya/cli',
      because: 'it was the network',
    })
    expect(await run(deck, a1, 0)).toBe('allow')
  })

  it('one makes rules of what was asked, changes, merges, puts away and takes out again', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const { id: asked } = await a1.exec(PUSH)
    const widths = await typed(deck, 'policy', 'proposals', asked)
    expect(widths.out).toMatch(/^WIDTH[^]*\nexact [^]*\nkind [^]*\nfamily /)
    const made = await json<RuleRow>(
      deck,
      'policy',
      'propose',
      asked,
      '--width',
      'kind',
      '--days',
      '1',
    )
    expect(made).toMatchObject({
      status: 'confirmed',
      decision: 'allow',
      trigger: expect.arrayContaining(['runs:git push']) as string[],
    })
    // Its end is reckoned from when it was asked for, and it is written down a moment later.
    const lasts = (made.expiresAt ?? 0) - made.changedAt
    expect(lasts).toBeLessThanOrEqual(day)
    expect(lasts).toBeGreaterThan(day - 3_600_000)
    expect(await a1.exec('git push origin other')).toMatchObject({
      decision: 'allow',
      reasons: [{ id: made.id }],
    })
    expect(
      await json(deck, 'policy', 'edit', made.id, '--days', '0', '--summary', 'every push'),
    ).toMatchObject({ expiresAt: null, summary: 'every push', status: 'confirmed' })
    expect(
      await json(
        deck,
        'policy',
        'edit',
        made.id,
        '--trigger',
        'task_type:exec',
        '--trigger',
        'runs:git fetch',
      ),
    ).toMatchObject({ status: 'candidate', trigger: ['task_type:exec', 'runs:git fetch'] })
    const other = await json<RuleRow>(deck, 'policy', 'propose', asked, '--days', '0')
    expect(await json(deck, 'policy', 'merge', other.id, made.id)).toMatchObject({
      id: other.id,
      status: 'confirmed',
    })
    expect(await json(deck, 'policy', 'restore', made.id)).toMatchObject({ status: 'candidate' })
    expect(await json(deck, 'policy', 'archive', made.id)).toMatchObject({ status: 'archived' })
    expect(
      await json<RuleRow[]>(deck, 'policy', 'rules', '--status', 'archived', '--text', 'push'),
    ).toMatchObject([{ id: made.id }])
    const { id: ran } = await a1.exec(PUSH)
    expect((await typed(deck, 'policy', 'missed', ran)).out).toMatch(
      new RegExp(`${other.id} +✓ confirmed`),
    )
    expect(await deck.deck.audit.rebuild()).toMatchObject({ same: true, differences: [] })
  })

  it('one keeps playbooks', async () => {
    const deck = await open()
    const rule = await learned(deck, await deck.agent('a1'))
    const saved = await json<{ id: string }>(
      deck,
      'policy',
      'playbook',
      'save',
      'all pushes',
      rule.id,
    )
    expect((await typed(deck, 'policy', 'playbook', 'list')).out).toMatch(
      new RegExp(`^PLAYBOOK +CONFIRMED +WHAT\n${saved.id} +1/1 +all pushes\n`),
    )
    expect((await typed(deck, 'policy', 'rule', rule.id)).out).toMatch(
      new RegExp(`playbooks +${saved.id}`),
    )
    expect((await typed(deck, 'policy', 'playbook', 'apply', saved.id, 'suspend')).out).toMatch(
      new RegExp(`${rule.id} +suspended`),
    )
    expect((await typed(deck, 'policy', 'playbook', 'suggest')).out).toContain('No suggestions')
    expect((await typed(deck, 'policy', 'playbook', 'rm', saved.id)).out).toContain(
      'is removed; its rules stay',
    )
  })

  it('one is told what went wrong by words and by exit code', async () => {
    const deck = await open()
    const a1 = await deck.agent('a1')
    const rule = await learned(deck, a1)
    const { id: severe } = await a1.exec('rm -rf /')
    const wrong = async (...argv: string[]) => {
      const { code, out, err } = await typed(deck, 'policy', ...argv)
      expect(out).toBe('')
      expect(err).toMatch(/clawdeck: .+/)
      return [code, /next/.test(err)]
    }
    expect(await wrong('rule', 'nobody')).toEqual([3, true])
    expect(await wrong('confirm', 'nobody')).toEqual([3, true])
    expect(await wrong('rules', '--agent', 'nobody')).toEqual([3, true])
    expect(await wrong('propose', 'apr_nobody')).toEqual([3, true])
    expect(await wrong('propose', severe)).toEqual([4, true])
    expect(await wrong('confirm', rule.id)).toEqual([1, true])
    expect(await wrong('resume', rule.id)).toEqual([1, true])
    expect(await wrong('edit', rule.id)).toEqual([2, true])
    expect(await wrong('edit', rule.id, '--scope', 'domain', '--key', 'nothing')).toEqual([2, true])
    expect(await wrong('propose', severe, '--width', 'everything')).toEqual([2, true])
    expect(await wrong('merge', rule.id)).toEqual([2, true])
  })
})

/** The third yes, and the rule that it confirms. */
async function learnedLast(deck: TestDeck, agent: TestAgent): Promise<RuleRow> {
  await allowed(deck, agent)
  return (await deck.deck.rules.list({ status: 'confirmed', limit: 1 }))[0] as RuleRow
}

describe('an agent that is deleted', () => {
  it("leaves what was learned of it to nobody, and to itself when it comes back only by a person's word", async () => {
    const deck = await open()
    const rule = await learned(deck, await deck.agent('a1'))
    await deck.deck.agents.stop('a1', OPERATOR)
    await deck.deck.agents.remove('a1', true, OPERATOR)
    expect(await deck.deck.rules.get(rule.id)).toMatchObject({
      row: { status: 'suspended', suspensionReason: 'agent_deleted' },
      history: [{ because: 'agent_deleted', actor: OPERATOR }, {}, {}, {}],
    })
    const next = await deck.agent('a1')
    expect(await next.exec(PUSH)).toMatchObject({
      pending: true,
      reasons: [{ layer: 'rule', id: rule.id }],
    })
    await deck.deck.rules.confirm(rule.id, 'the same work', OPERATOR)
    expect(await next.exec(PUSH)).toMatchObject({ decision: 'allow' })
  })
})
