import { count, plain } from '../../../base/text.ts'
import type {
  AcceptedLoss,
  Audit,
  Checkpoint,
  DeckEvent,
  Verification,
} from '../../../journal/types.ts'
import { acceptedLossText, lossText, signedText, verdictText } from '../../text/journal.ts'
import { facts, table } from '../terminal.ts'
import { auditLine, timeOf } from './events.ts'
import { bullets, type Page, type Printers } from './page.ts'

function verification(v: Verification, { paint }: Page): string {
  const checked = [
    signedText(v),
    count(v.checkpoints, 'checkpoint'),
    count(v.mirrors, 'mirror'),
    `${v.took.toFixed(0)} ms`,
  ].join(', ')
  const verdict = paint(v.ok ? 'good' : 'bad', verdictText(v))
  const losses = v.losses.map((loss) => ['accepted', acceptedLossText(loss)] as const)
  if (v.ok) return `${verdict}  ${checked}\n${facts(paint, [['head', v.head], ...losses])}`
  const problems = table(
    paint,
    ['WHERE', 'EVENT', 'WHAT'],
    v.problems.map((p) => [p.where, p.seq === null ? '–' : String(p.seq), p.what]),
    '',
  )
  return `${verdict}  ${checked}\n${problems}${facts(paint, losses)}`
}

function rebuild(
  { events, same, differences }: Awaited<ReturnType<Audit['rebuild']>>,
  { paint }: Page,
): string {
  const result = same ? paint('good', '✓ the same') : paint('bad', '✗ different')
  const list = bullets(
    paint,
    'differences',
    differences.map((line) => plain(line)),
  )
  return `${result}  after ${count(events, 'event')}\n${list}`
}

export const auditPrinters = {
  events: (events: DeckEvent[], { paint }) =>
    events.length === 0
      ? 'No events match.\n'
      : events.map((event) => `${auditLine(event, paint)}\n`).join(''),
  verification,
  export: (made: Awaited<ReturnType<Audit['export']>>, { paint }) =>
    facts(paint, [
      ['file', made.path],
      ['events', String(made.events)],
      ['head', made.head],
    ]) + `Verify it: clawdeck audit verify ${plain(made.path)}\n`,
  rebuild,
  'accepted-loss': (loss: AcceptedLoss, { paint }) =>
    `${paint('good', 'Accepted.')} The journal is trusted again from event ${loss.event} on.\n${facts(
      paint,
      [
        ['lost', lossText(loss)],
        ['kept', `what was found, in files that end in .before-${loss.event}`],
      ],
    )}`,
  checkpoint: (c: Checkpoint, { paint }) =>
    facts(paint, [
      ['event', String(c.seq)],
      ['head', c.hash],
      ['signed', timeOf(c.at)],
      ['key', c.keyId],
      ['signature', c.signature],
    ]),
} satisfies Partial<Printers>
