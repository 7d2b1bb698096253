import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import type { CliProgram } from '../../src/doors/cli/cli.ts'
import { runCli } from '../../src/doors/cli/run.ts'
import type { RuleRow } from '../../src/domain/rules/types.ts'
import { OPERATOR, TestDeck, type Heard, type TestAgent } from '../support/deck.ts'
import { tempFolder } from '../support/journal.ts'
import { ORIGINAL } from '../../src/clawpolicy/corrections.ts'
import { PolicyFileReader } from '../../src/clawpolicy/files/read.ts'

const cleanups: (() => unknown)[] = []
const onEnd = (act: () => unknown) => {
  cleanups.push(act)
}
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const open = () => new TestDeck(onEnd).start()
const PUSH = 'git push origin main'

/** Three approved and successful pushes. */
async function teach(deck: TestDeck, agent: TestAgent): Promise<void> {
  for (let i = 0; i < 3; i++) {
    const heard = await agent.exec(PUSH)
    await deck.deck.approvals.allow(heard.id, {}, OPERATOR)
    await report(agent, heard, 'success', 0)
  }
}

const report = (agent: TestAgent, { id }: Heard, result: string, exit_code: number) =>
  agent.say('POST', `/v1/asks/${id}/outcome`, { result, exit_code })
/** The rules of a deck without what differs from deck to deck. */
const listed = async (deck: TestDeck) =>
  (await deck.deck.rules.list({ limit: 100 })).map((row): RuleRow => ({
    ...row,
    changedAt: 0,
    uses: 0,
    lastUsedAt: null,
  }))

/** Runs a command in a folder. */
async function clawdeck(
  deck: TestDeck,
  cwd: string,
  line: string,
): Promise<{ code: number; out: string; err: string }> {
  const piped = () => Object.assign(new PassThrough(), { isTTY: false, columns: 100, rows: 30 })
  const [stdout, stderr] = [piped(), piped()]
  const program: CliProgram = {
    version: 'test',
    launch: { command: '/nothing', args: [] },
    openConsole: async () => {
      throw new Error('no console')
    },
    freezeAlone: async () => ({ paused: [], failed: [], unmarked: '' }),
    attachWhole: async () => 0,
  }
  const stdin = Object.assign(Readable.from([]), { isTTY: false })
  const code = await runCli(line.split(' '), {
    env: { CLAWDECK_HOME: deck.home.root, NO_COLOR: '1' },
    cwd,
    streams: { stdin, stdout, stderr },
    program,
  })
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') }
}

describe('rules in files', () => {
  it('go from one deck to another by command line', async () => {
    const cwd = tempFolder(onEnd)
    const [from, to] = [await open(), await open()]
    await teach(from, await from.agent('a1'))
    const written = await clawdeck(from, cwd, 'policy export out/.clawpolicy --facts')
    expect(written).toMatchObject({ code: 0, err: '' })
    expect(written.out).toMatch(
      /folder +.*\/out\/.clawpolicy\/policy\n *contents +1 rule, 0 playbooks, \d+ log lines/,
    )
    expect(written.out).toMatch(/rules\.json +1\.\d KB +[0-9a-f]{64}/)

    const dry = await clawdeck(to, cwd, 'policy import out --dry-run')
    expect(dry.out).toMatch(
      /found +rules\.json: 1 rule, playbooks\.json: 0 playbooks, policy_events\.jsonl: \d+ lines, USER\.md/,
    )
    expect(dry.out).toMatch(/rules +1 new/)
    expect(dry.out).toContain('1 confirmed allow rule became a candidate')
    expect(dry.out).toContain('Nothing was changed: this was a dry run.')
    expect(await to.deck.rules.list({ limit: 10 })).toEqual([])

    expect(JSON.parse((await clawdeck(to, cwd, 'policy import out --json')).out)).toMatchObject({
      rules: { made: 1 },
      candidates: [expect.any(String)],
    })
    const [rule] = await to.deck.rules.list({ limit: 1 })
    const refused = await clawdeck(to, cwd, 'policy import out --trust')
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toContain(`${rule?.id} (status)`)
    expect((await clawdeck(to, cwd, 'policy import out --dry-run --trust')).out).toMatch(
      new RegExp(`${rule?.id} +status\nChoose --replace or --keep`),
    )
    expect(await clawdeck(to, cwd, 'policy import out --trust --replace')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/rules +1 changed/) as string,
    })
    expect(await listed(to)).toEqual(await listed(from))
    expect(await clawdeck(to, cwd, 'policy import nowhere')).toMatchObject({
      code: 3,
      err: expect.stringContaining(join(cwd, 'nowhere')) as string,
    })
    expect(await clawdeck(to, cwd, 'policy analyze out')).toMatchObject({
      code: 3,
      err: expect.stringContaining('as a git repository') as string,
    })
  })

  it('can be read by the original unless --facts is given', async () => {
    const cwd = tempFolder(onEnd)
    const from = await open()
    await teach(from, await from.agent('a1'))
    const exported = async (words: string) => {
      expect(await clawdeck(from, cwd, `policy export ${words}`)).toMatchObject({ code: 0 })
      return readFileSync(join(cwd, words.split(' ')[0] as string, 'rules.json'), 'utf8')
    }
    expect(new PolicyFileReader(ORIGINAL).readRules(await exported('plain')).records.size).toBe(1)
    const withFacts = await exported('full --facts')
    expect(() => new PolicyFileReader(ORIGINAL).readRules(withFacts)).toThrow('"clawdeck"')
  })

  it('are the same in a new deck that trusts the files, and allow there', async () => {
    const folder = join(tempFolder(onEnd), '.clawpolicy', 'policy')
    const from = await open()
    const a1 = await from.agent('a1')
    await teach(from, a1)
    const [rule] = await from.deck.rules.list({ limit: 1 })
    expect(rule).toMatchObject({ status: 'confirmed', decision: 'allow', support: 3 })
    expect(await from.deck.rules.export({ path: folder, facts: true }, OPERATOR)).toMatchObject({
      path: folder,
      rules: 1,
      playbooks: 0,
    })
    expect(from.events().at(-1)).toMatchObject({
      type: 'rules.exported',
      body: { path: folder, rules: 1 },
    })

    const to = await open()
    const there = await to.agent('a1')
    expect(await to.deck.rules.import({ path: folder, trust: true }, OPERATOR)).toMatchObject({
      rules: { made: 1 },
      candidates: [],
      conflicts: [],
    })
    expect(await listed(to)).toEqual(await listed(from))
    expect(await there.exec(PUSH)).toMatchObject({
      decision: 'allow',
      reasons: [{ layer: 'rule', id: rule?.id }],
    })
    expect(await to.deck.audit.rebuild()).toMatchObject({ same: true, differences: [] })

    const again = join(tempFolder(onEnd), 'again')
    await to.deck.rules.export({ path: again, facts: true }, OPERATOR)
    expect(readFileSync(join(again, 'rules.json'), 'utf8')).toBe(
      readFileSync(join(folder, 'rules.json'), 'utf8'),
    )
    const before = readFileSync(join(folder, 'policy_events.jsonl'), 'utf8')
    expect(readFileSync(join(again, 'policy_events.jsonl'), 'utf8').startsWith(before)).toBe(true)
    for (let i = 0; i < 2; i++) await report(there, await there.exec(PUSH), 'failure', 1)
    expect(await to.deck.rules.list({ limit: 10 })).toMatchObject([
      { status: 'suspended', suspensionReason: 'repeated_failure' },
    ])
  })

  it('that are not trusted allow nothing: they are candidates until three approvals', async () => {
    const folder = join(tempFolder(onEnd), 'files')
    const from = await open()
    await teach(from, await from.agent('a1'))
    await from.deck.rules.export({ path: folder, facts: true }, OPERATOR)
    const to = await open()
    const a1 = await to.agent('a1')
    const imported = await to.deck.rules.import({ path: folder }, OPERATOR)
    const [rule] = await to.deck.rules.list({ limit: 10 })
    expect(imported.candidates).toEqual([rule?.id])
    expect(imported.notes.join('\n')).toContain('became a candidate')
    expect(rule).toMatchObject({ status: 'candidate', support: 0 })
    await teach(to, a1)
    expect(await a1.exec(PUSH)).toMatchObject({
      decision: 'allow',
      reasons: [{ layer: 'rule', id: rule?.id }],
    })
  })
})
