import { count, plain } from '../../../base/text.ts'
import type { Checkpoint, DeckEvent, Verification, Audit } from '../../../journal/types.ts'
import { facts, table } from '../terminal.ts'
import { eventLine, timeOf } from './events.ts'
import { bullets, type Page, type Printers } from './page.ts'

function verified(v: Verification, { paint }: Page): string {
  const proof = `${count(v.events, 'event')}, ${count(v.checkpoints, 'checkpoint')}, ${count(v.mirrors, 'mirror')}, ${v.took.toFixed(0)} ms`
  if (v.ok) return `${paint('good', '✓ true')}  ${proof}\n${facts(paint, [['head', v.head]])}`
  const bad = v.firstBad === null ? '' : `  first bad event ${v.firstBad}`
  return `${paint('bad', `✗ false${bad}`)}  ${proof}\n${table(
    paint,
    ['WHERE', 'EVENT', 'WHAT'],
    v.problems.map((p) => [p.where, p.seq === null ? '–' : String(p.seq), p.what]),
    '',
  )}`
}

function rebuilt(
  { events, same, differences }: Awaited<ReturnType<Audit['rebuild']>>,
  { paint }: Page,
): string {
  return `${same ? paint('good', '✓ the same') : paint('bad', '✗ different')}  after ${count(events, 'event')}\n${bullets(
    paint,
    'differences',
    differences.map((line) => plain(line)),
  )}`
}

export const auditPrinters = {
  events: (events: DeckEvent[], { paint }) =>
    events.length === 0
      ? 'No event holds all of that.\n'
      : events.map((event) => `${eventLine(event, paint)}\n`).join(''),
  verification: verified,
  export: (made: Awaited<ReturnType<Audit['export']>>, { paint }) =>
    facts(paint, [
      ['file', made.path],
      ['events', String(made.events)],
      ['head', made.head],
    ]) + `Prove it anywhere: clawdeck audit verify ${plain(made.path)}\n`,
  rebuild: rebuilt,
  checkpoint: (c: Checkpoint, { paint }) =>
    facts(paint, [
      ['event', String(c.seq)],
      ['head', c.hash],
      ['signed', timeOf(c.at)],
      ['key', c.keyId],
      ['signature', c.signature],
    ]),
} satisfies Partial<Printers>
