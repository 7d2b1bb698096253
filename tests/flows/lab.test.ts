import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../src/doors/cli/run.ts'
import { OPERATOR, TestDeck } from '../support/deck.ts'
import { tempFolder } from '../support/journal.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})
const onEnd = (act: () => unknown) => cleanups.push(act)
let deck: TestDeck

/** What is there after people allowed builds and refused pushes, so many times each. */
async function decided(times: number): Promise<void> {
  const a1 = await deck.agent('a1')
  for (let i = 0; i < times; i++) {
    const build = await a1.exec(`make part-${i}`)
    await deck.deck.approvals.allow(build.id, {}, OPERATOR)
    const push = await a1.exec(`git push origin branch-${i}`)
    await deck.deck.approvals.deny(push.id, {}, OPERATOR)
  }
}

async function clawdeck(line: string, tty = false) {
  const stream = () => Object.assign(new PassThrough(), { isTTY: tty })
  const [stdout, stderr] = [stream(), stream()]
  const printed = Promise.all([text(stdout), text(stderr)])
  const code = await runCli(line.split(' '), {
    env: { CLAWDECK_HOME: deck.home.root, NO_COLOR: '1' },
    cwd: '/',
    streams: { stdin: Readable.from([]), stdout, stderr },
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

beforeEach(async () => {
  deck = await new TestDeck(onEnd).start()
})

describe('the lab, from the command line', () => {
  it('says how often a model agrees with people, and changes nothing', async () => {
    await decided(12)
    const before = deck.events().length
    const { code, out, err } = await clawdeck('policy lab evaluate --episodes 300', true)
    expect(code).toBe(0)
    expect(out).toMatch(/^24 decisions of people, .*: 12 allowed, 12 refused\n/)
    expect(out).toMatch(/reward {2}0\.\d\d [▁-█]+ 0\.\d\d {3}over 300 episodes/)
    expect(out).toMatch(/people refused it +\d +\d\n/)
    expect(out).toMatch(/agrees with people in \d+ % of .* asking about everything, in 50 %/)
    expect(err).toMatch(/\r\x1b\[K█+░* attempt 3 of 3, episode 300 of 300: reward/)
    expect(deck.events()).toHaveLength(before)
  })

  it('keeps a trained model in a new folder only, and writes that down', async () => {
    await decided(12)
    const folder = join(tempFolder(onEnd), 'model')
    const line = `policy lab train --episodes 50 --save ${folder}`
    const { code, out, err } = await clawdeck(line)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`Saved in ${folder}`)
    expect(readdirSync(folder)).toContain('policy_network.json')
    expect(deck.events().map(({ type }) => type)).toContain('act.finished')
    expect(await clawdeck(line)).toMatchObject({ code: 1, err: expect.stringMatching(/not empty/) })
  })

  it('tunes, and compares with the defaults', async () => {
    await decided(20)
    const { out } = await clawdeck('policy lab tune --episodes 20 --trials 3')
    expect(out).toMatch(/over 3 trials\n\nscore +actor rate +critic rate +replay\n/)
    expect(out).toMatch(/Best: actor rate 0\.\d{4}.*\nOn the decisions .* the defaults \d\.\d{3}/)
  })

  it('says what is missing before there is enough to learn from', async () => {
    const { code, err } = await clawdeck('policy lab evaluate')
    expect(code).toBe(1)
    expect(err).toMatch(/decisions/)
  })
})
