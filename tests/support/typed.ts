import { PassThrough, Readable } from 'node:stream'
import { runCli } from '../../src/doors/cli/run.ts'
import type { TestDeck } from './deck.ts'

/** The command line, as it is typed, on a deck that runs. */
export async function typed(
  deck: TestDeck,
  ...argv: string[]
): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const code = await runCli(argv, {
    env: { CLAWDECK_HOME: deck.home.root, NO_COLOR: '1' },
    cwd: '/',
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
