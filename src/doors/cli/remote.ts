import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { jsonLine } from '../../base/text.ts'
import type { Row } from '../../commands/command.ts'
import type { Link } from '../operator/link.ts'
import type { Cli } from './cli.ts'
import { write } from './terminal.ts'

/** Paths are said to the supervisor in full: it lives in another folder. */
const PATHS: Record<string, string> = {
  'audit.export': 'path',
  'audit.verify': 'file',
  'rule.import': 'path',
  'rule.export': 'path',
  'rule.analyze': 'repository',
}

/** These take a name, or a path: what looks like a path, or is one. */
const NAMES_OR_PATHS: Record<string, string> = { 'rule.simulate': 'what' }

function inFull(
  { cwd }: Cli,
  { id }: Row,
  input: Record<string, unknown>,
): Record<string, unknown> {
  const key = PATHS[id] ?? NAMES_OR_PATHS[id]
  const said = key === undefined ? undefined : input[key]
  if (key === undefined || typeof said !== 'string') return input
  const path = resolve(cwd, said)
  return PATHS[id] !== undefined || /\/|\.(?:json|ya?ml)$/.test(said) || existsSync(path)
    ? { ...input, [key]: path }
    : input
}

/** These speak of a supervisor that is there, and never start one. */
const NEVER_STARTS = new Set(['supervisor.status', 'supervisor.stop'])

/** Commands in a pod read what is piped into this program. */
const READS_STDIN = new Set(['agent.exec', 'agent.openclaw'])

async function withStdin(
  { streams }: Cli,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const bytes = await (await import('./piped.ts')).pipedIn(streams.stdin)
  return bytes === undefined ? input : { ...input, stdin: bytes.toString('base64') }
}

/** Says a row to the supervisor and prints what it answers. The answer is the exit code. */
export async function ask(cli: Cli, row: Row, input: Record<string, unknown>): Promise<number> {
  const said = inFull(cli, row, input)
  const link = NEVER_STARTS.has(row.id) ? cli.linkIfThere() : await cli.link()
  if (row.stream === true)
    return (await import('./streams.ts')).follow(
      cli,
      link,
      row,
      READS_STDIN.has(row.id) ? await withStdin(cli, said) : said,
    )
  const answer =
    row.id === 'supervisor.stop' ? await stopSupervisor(link) : await link.do(row.id, said)
  if (cli.json) await write(cli.streams.stdout, jsonLine(answer ?? null))
  else
    await write(
      cli.streams.stdout,
      (await import('./print/answers.ts')).printed(row.id, answer, {
        paint: cli.paint,
        now: Date.now(),
      }),
    )
  return exitOf(row.id, answer)
}

/** Some answers are a no: what ran is not what was locked, the journal does not hold. */
function exitOf(id: string, answer: unknown): number {
  const said = (answer ?? {}) as { ok?: boolean; same?: boolean }
  if (id === 'policy.validate') return said.ok === true ? 0 : 4
  if (id === 'audit.verify') return said.ok === true ? 0 : 1
  return id === 'audit.rebuild' && said.same !== true ? 1 : 0
}

/** Asks it to stop, and waits until its process is gone, so that what is said next meets no dying supervisor. */
export async function stopSupervisor(link: Link): Promise<unknown> {
  const { pid } = (await link.do('supervisor.status')) as { pid: number }
  const answer = await link.do('supervisor.stop')
  for (let waited = 0; waited < 10_000 && alive(pid); waited += 20)
    await new Promise((wake) => setTimeout(wake, 20))
  return answer
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
