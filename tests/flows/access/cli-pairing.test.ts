import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../../../src/doors/cli/run.ts'
import { PageDeck } from '../../support/page-deck.ts'
import { DARK, LIGHT, scanned } from '../../support/pixels.ts'
import { emulatorWith } from '../../support/screens.ts'

const cleanups: (() => unknown)[] = []
let page: PageDeck
beforeEach(async () => {
  page = await PageDeck.open((act) => cleanups.push(act))
})
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

/** What a command prints on a terminal of so many columns; in a pipe without. */
async function printed(words: readonly string[], columns?: number, term = 'xterm-256color') {
  const stream = () => Object.assign(new PassThrough(), { isTTY: columns !== undefined, columns })
  const [stdout, stderr] = [stream(), stream()]
  const out = text(stdout)
  const code = await runCli(words, {
    env: { CLAWDECK_HOME: page.deck.home.root, TERM: term },
    cwd: '/',
    streams: {
      stdin: Object.assign(Readable.from([]), { isTTY: false }),
      stdout: stdout as never,
      stderr,
    },
    program: {
      version: 'test',
      launch: { command: 'none', args: [] },
      openConsole: async () => undefined,
      freezeAlone: async () => ({ paused: [], failed: [], unmarked: '' }),
      attachWhole: async () => 0,
    },
  })
  stdout.end()
  return { code, out: await out }
}

const PAIR = ['access', 'pair', 'device', 'deck', '--role', 'operator']
const linkIn = (out: string) => /https:\S+/.exec(out)?.[0]

test.each([
  ['xterm-256color', DARK],
  ['xterm-256color', LIGHT],
  ['linux', DARK],
  ['linux', LIGHT],
])('a code on a terminal of type %s is read as exactly the link', async (term, colours) => {
  const { out } = await printed(PAIR, 80, term)
  const terminal = await emulatorWith({ columns: 80, rows: 40 }, out.replaceAll('\n', '\r\n'))
  expect(scanned(terminal as never, colours)).toBe(linkIn(out))
  // It is less than a screen high.
  expect(out.split('\n').filter((line) => /[▀▄█]/.test(line)).length).toBeLessThan(24)
})

test('there is no code where it has no room, in a pipe, and for another terminal', async () => {
  for (const { out } of [await printed(PAIR, 30), await printed(PAIR)]) {
    expect(out).not.toMatch(/[▀▄█]/)
    expect(linkIn(out)).toBeDefined()
  }
  const json = JSON.parse((await printed([...PAIR, '--json'], 80)).out) as { link: string }
  expect(json.link).toMatch(/^https:\/\//)
})

test('the command line says where the page is, and how its certificate is known', async () => {
  const { code, out } = await printed(['access', 'doors'])
  const { url = '', fingerprint = '' } = page.door.address ?? {}
  expect(code).toBe(0)
  expect(out).toContain(url)
  expect(out.replaceAll(':', '').toLowerCase()).toContain(fingerprint)
  const off = await printed(['access', 'serve', 'off'])
  expect(off).toEqual({ code: 0, out: 'The page for phones is off\n' })
  expect((await printed(['access', 'serve', 'off'])).code).toBe(1)
})

test('the doctor says whether the page is served, and until when its certificate is valid', async () => {
  const page = await printed(['doctor'])
  expect(page.out).toMatch(/page\s+https:\/\/127\.0\.0\.1:\d+, certificate valid for 39\d days/)
  await printed(['access', 'serve', 'off'])
  expect((await printed(['doctor'])).out).toMatch(/page\s+off; clawdeck access serve opens it/)
})
