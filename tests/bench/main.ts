import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { missing, type Group, type Row } from './harness.ts'
import { api } from './api.ts'
import { apiScale } from './api-scale.ts'
import { apiStream } from './api-stream.ts'
import { approvals } from './approvals.ts'
import { chat } from './chat.ts'
import { console as deckConsole } from './console.ts'
import { flooded } from './flooded.ts'
import { freeze } from './freeze.ts'
import { guard } from './guard.ts'
import { idle } from './idle.ts'
import { journal } from './journal.ts'
import { page } from './page.ts'
import { pods } from './pods.ts'
import { policy } from './policy.ts'
import { startup } from './startup.ts'
import { terminal } from './terminal.ts'
import { word } from './word.ts'
import { printTable } from './table.ts'

const GROUPS: readonly Group[] = [
  guard,
  approvals,
  api,
  apiStream,
  apiScale,
  page,
  chat,
  flooded,
  deckConsole,
  idle,
  startup,
  terminal,
  pods,
  freeze,
  journal,
  policy,
  word,
]

/** Measures every group, or those that are named, and prints what was reached beside what was aimed at. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '20' },
      program: {
        type: 'string',
        default: fileURLToPath(new URL('../../dist/main.js', import.meta.url)),
      },
    },
  })
  const unknown = positionals.filter((name) => !GROUPS.some((group) => group.name === name))
  if (unknown.length > 0)
    throw new Error(
      `no group ${unknown.join(', ')}: there are ${GROUPS.map(({ name }) => name).join(', ')}`,
    )
  const rows: Row[] = []
  for (const group of GROUPS) {
    if (positionals.length > 0 && !positionals.includes(group.name)) continue
    const say = (what: string): void => {
      process.stderr.write(`${group.name}: ${what}\n`)
    }
    rows.push(
      ...(await group
        .run({ program: values.program, seconds: Number(values.seconds), say })
        .catch((thrown: unknown) => group.rows.map((what) => missing(what, reason(thrown))))),
    )
  }
  process.stdout.write(values.json ? `${JSON.stringify(rows)}\n` : printTable(rows))
}

function reason(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown)
}

await main()
// A group that failed may have left something listening; everything was said.
process.exit(0)
