import { ago, span } from '../../../../base/text.ts'
import type { Lease } from '../../../../domain/leases/types.ts'
import type { PolicyRow } from '../../../../domain/policy/types.ts'
import type { Shell } from '../../../../domain/shells/types.ts'
import type { DeckEvent } from '../../../../journal/types.ts'
import { eventText } from '../../../text/events.ts'
import type { TextLine } from '../../store/layer.ts'
import { BLANK_LINE, factLines, headingLines, textLine } from '../lines.ts'
import { policyText } from '../rows/policy-rows.ts'
import { jsonLines } from '../text-view.ts'
import type { DetailPage } from './page.ts'

/** The first lines of a page: what it is about, in the words of whoever asked or wrote it. */
const commandLines = (text: string): TextLine[] => [
  BLANK_LINE,
  textLine('command', text),
  BLANK_LINE,
]

export function policyPage(p: PolicyRow, now: number, path: string): DetailPage {
  return {
    title: `Policy · ${p.effect}`,
    right: p.id,
    lines: [
      ...commandLines(policyText(p)),
      ...factLines('effect', p.effect),
      ...factLines('reason', p.reason ?? ''),
      ...factLines('used', p.uses === 0 ? 'never' : `${p.uses}×, last ${ago(p.lastUsedAt, now)}`),
      ...(p.pack === undefined
        ? factLines('file', path, 'dim')
        : factLines(
            'pack',
            `${p.pack}. To disable all its policies: clawdeck policy pack disable ${p.pack}`,
            'dim',
          )),
      ...headingLines('As written'),
      ...jsonLines({ ...p, uses: undefined, lastUsedAt: undefined }),
    ],
  }
}

export function leasePage(l: Lease, now: number): DetailPage {
  return {
    title: 'Lease',
    right: `${l.usesLeft} of ${l.uses} uses left`,
    lines: [
      ...commandLines(`${l.type}  ${l.target}`),
      ...factLines('agent', l.agent === '*' ? 'any agent' : l.agent),
      ...factLines('up to risk', String(l.maxRisk)),
      ...factLines('expires', `in ${span(l.expiresAt - now)}`),
      ...factLines('granted', `by ${l.grantedBy}, ${ago(l.grantedAt, now)}`),
      ...factLines('state', l.state),
      ...factLines('id', l.id, 'dim'),
    ],
  }
}

export function shellPage(s: Shell, now: number): DetailPage {
  return {
    title: `Shell · ${s.agent}`,
    right: s.state,
    lines: [
      ...commandLines(s.argv.join(' ')),
      ...factLines('opened', `by ${s.openedBy}, ${ago(s.openedAt, now)}`),
      ...factLines('size', `${s.columns}×${s.rows}`),
      ...factLines('note', s.note),
      ...factLines('id', s.id, 'dim'),
    ],
  }
}

export function eventPage(e: DeckEvent): DetailPage {
  return {
    title: `Event ${e.seq} · ${e.type}`,
    right: new Date(e.at).toISOString(),
    lines: [
      BLANK_LINE,
      ...factLines('actor', e.actor),
      ...factLines('subject', e.subject || 'the deck'),
      ...factLines('says', eventText(e)),
      ...headingLines('Body'),
      ...jsonLines(e.body),
      ...headingLines('Chain'),
      ...factLines('prev', e.prev, 'dim'),
      ...factLines('hash', e.hash, 'dim'),
    ],
  }
}
