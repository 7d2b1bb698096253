import { mkdtempSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { json } from 'node:stream/consumers'
import { deckHome, type Home } from '../../../src/config/home.ts'
import type { CliProgram } from '../../../src/doors/cli/cli.ts'
import { runCli } from '../../../src/doors/cli/run.ts'

/** What the stand-in for the supervisor answers, by row id: a value, stream items, or a fault. */
type Answers = Record<
  string,
  { answer?: unknown; items?: unknown[]; fault?: { code: string; message: string; hint?: string } }
>

interface Ran {
  code: number
  out: string
  err: string
  opened: string[]
}

/** Runs the CLI on a deck in a temporary folder, with a stand-in for the supervisor. */
export class CliHarness {
  readonly home: Home
  /** What the stand-in was asked. */
  readonly asked: { id: string; input: unknown }[] = []
  private readonly server: Server
  private answers: Answers = {}

  constructor() {
    this.home = deckHome({ CLAWDECK_HOME: join(mkdtempSync(join(tmpdir(), 'deck-run-')), 'deck') })
    this.server = createServer(async (request, response) => {
      const id = (request.url ?? '').slice('/v1/do/'.length)
      this.asked.push({ id, input: await json(request) })
      const { answer, items, fault } = this.answers[id] ?? {
        fault: { code: 'bug', message: `no answer for ${id}` },
      }
      if (fault !== undefined) response.writeHead(400).end(JSON.stringify({ fault }))
      else if (items === undefined) response.end(JSON.stringify(answer))
      else
        response.end(
          [...items.map((item) => ({ item })), { end: true }]
            .map((line) => `${JSON.stringify(line)}\n`)
            .join(''),
        )
    })
  }

  close(): void {
    this.server.close()
    this.server.closeAllConnections()
  }

  /** Starts the stand-in with these answers. */
  async awake(answers: Answers): Promise<void> {
    this.answers = answers
    await mkdir(this.home.run, { recursive: true, mode: 0o700 })
    await new Promise<void>((ready) => this.server.listen(this.home.socket, ready))
  }

  /** Runs `clawdeck` with this line to its end. */
  async run(
    line: string | string[],
    {
      tty = false,
      env = {},
      input = [],
    }: { tty?: boolean; env?: NodeJS.ProcessEnv; input?: string[] } = {},
  ): Promise<Ran> {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()].map((stream) =>
      Object.assign(stream, { isTTY: tty, columns: 100, rows: 30 }),
    )
    const opened: string[] = []
    const program: CliProgram = {
      version: '9.9.9',
      launch: { command: join(this.home.root, 'nothing-to-launch'), args: [] },
      async openConsole(_link, { demo }) {
        opened.push(demo ? 'demo' : 'console')
      },
      freezeAlone: async () => ({ paused: [], failed: [], unmarked: '' }),
      async attachWhole(_link, wish) {
        opened.push(`attach ${JSON.stringify(wish)}`)
        return 7
      },
    }
    const stdin = Object.assign(Readable.from(input.map((text) => Buffer.from(text))), {
      isTTY: tty,
    })
    const code = await runCli(
      typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line,
      {
        env: { PATH: process.env['PATH'], CLAWDECK_HOME: this.home.root, NO_COLOR: '1', ...env },
        cwd: '/some/where',
        streams: { stdin, stdout: stdout as PassThrough, stderr: stderr as PassThrough },
        program,
      },
    )
    return { code, out: String(stdout?.read() ?? ''), err: String(stderr?.read() ?? ''), opened }
  }
}
