import type { Agent } from '../../../domain/agents/types.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import type { PolicyRow } from '../../../domain/policy/types.ts'
import type { Shell } from '../../../domain/shells/types.ts'
import type { DeckEvent, MirroredNoun } from '../../../journal/types.ts'
import { age, bytes, count, plain, span } from '../../../base/text.ts'
import type { Layer, TextLine } from '../store/layer.ts'
import { eventBySeq, ruled, waitingOf } from '../store/select.ts'
import type { ConsoleState } from '../store/store.ts'
import { eventText } from '../../text/events.ts'
import { agentLook } from './agents.ts'
import { precedentText } from './approvals.ts'
import { timeOfDay } from './audit.ts'
import type { Canvas } from './frame.ts'
import type { View } from './view.ts'
import { policyText } from './policies.ts'
import { rulePage } from './rule-page.ts'
import { jsonLines, textLines } from './text-view.ts'
import type { Lease } from '../../../domain/leases/types.ts'
import { tableOf } from '../store/world.ts'

type Detail = Extract<Layer, { kind: 'detail' }>
interface Page {
  title: string
  right: string
  lines: TextLine[]
}

/** Everything known about one thing. It stays live: what changes on the deck changes here. */
export function detailView(state: ConsoleState, layer: Detail, room: Canvas): View {
  const page = pageOf(state, layer) ?? {
    title: layer.id,
    right: 'gone',
    lines: [line('dim', ''), line('dim', 'This is no longer there. Esc comes back.')],
  }
  return {
    title: page.title,
    right: page.right,
    lines: textLines(room, page.lines),
    scroll: layer.scroll,
  }
}

const line = (tone: TextLine['tone'], text: string): TextLine => ({ tone, text })
const fact = (name: string, text: string, tone: TextLine['tone'] = 'text'): TextLine[] =>
  text === '' ? [] : [line(tone, `${name.padEnd(12)} ${text}`)]
const head = (text: string): TextLine[] => [line('dim', ''), line('head', text)]

function pageOf(state: ConsoleState, layer: Detail): Page | undefined {
  const { noun, id } = layer
  const page = PAGES[noun]
  if (page !== undefined) return page(state, id, layer)
  return made(tableOf(state.world, noun as MirroredNoun).get(id) as object | undefined, (row) => ({
    title: `${noun} ${id}`,
    right: '',
    lines: jsonLines(row),
  }))
}

/** Nouns whose page says more than their row. */
const PAGES: {
  [N in Detail['noun']]?: (state: ConsoleState, id: string, layer: Detail) => Page | undefined
} = {
  approval: ({ world, ui }, id) =>
    made(tableOf(world, 'approval').get(id), (a) => approvalPage(a, ui.now)),
  agent: (state, id) => made(tableOf(state.world, 'agent').get(id), (a) => agentPage(state, a)),
  policy: ({ world, ui }, id) =>
    made(tableOf(world, 'policy').get(id), (p) =>
      policyPage(p, ui.now, world.deck?.policyFile.path ?? ''),
    ),
  lease: ({ world, ui }, id) => made(tableOf(world, 'lease').get(id), (l) => leasePage(l, ui.now)),
  rule: (state, id, layer) =>
    made(ruled(state.world, `rule:${id}`)?.row as RuleRow | undefined, (r) =>
      rulePage(state, r, layer),
    ),
  shell: ({ world, ui }, id) => made(tableOf(world, 'shell').get(id), (s) => shellPage(s, ui.now)),
  event: ({ world }, id) => made(eventBySeq(world, Number(id)), eventPage),
}

function made<T>(row: T | undefined, page: (row: T) => Page): Page | undefined {
  return row === undefined ? undefined : page(row)
}

function approvalPage(a: Approval, now: number): Page {
  const { action } = a
  const words =
    action.argv.length > 0
      ? action.argv.map((w) => (/^[\w@%+=:,./-]+$/.test(w) ? w : JSON.stringify(w))).join(' ')
      : ''
  const tone = a.state === 'pending' ? 'warn' : a.state === 'allowed' ? 'good' : 'bad'
  return {
    title: `${a.agent} asks: ${plain(action.type)}`,
    right: a.state === 'pending' ? `⧗ ${span(a.expiresAt - now)} until denied` : a.state,
    lines: [
      line('dim', ''),
      line('command', action.target),
      ...(words !== '' && words !== action.target ? fact('words', words) : []),
      line('dim', ''),
      ...fact('agent', a.agent),
      ...fact('in', action.cwd),
      ...fact('goal', action.goal),
      ...fact('scope', action.scope),
      ...fact('touches', action.systems.join(', ')),
      ...fact(
        'reversible',
        action.reversible === null
          ? 'the agent did not say'
          : action.reversible
            ? 'yes, it says'
            : 'no',
        action.reversible === false ? 'warn' : 'text',
      ),
      ...head(`Risk ${a.risk.score} of 100`),
      ...a.risk.factors.map((f) =>
        line(
          f.points >= 20 ? 'bad' : f.points > 0 ? 'warn' : 'good',
          `${`${f.points >= 0 ? '+' : ''}${f.points}`.padStart(4)}  ${f.label}`,
        ),
      ),
      ...(action.claimedRisk === null
        ? []
        : [line('dim', `      the agent itself said ${action.claimedRisk}`)]),
      ...head('Why a person'),
      ...a.reasons.map((r) =>
        line('text', `${r.layer.padEnd(12)} ${r.text}${r.id === undefined ? '' : `  (${r.id})`}`),
      ),
      ...head('Like this, before'),
      line('text', precedentText(a, now)),
      ...fact('fingerprint', a.fingerprint, 'dim'),
      ...(Object.keys(action.extra).length === 0
        ? []
        : [...head('Said beside it (never trusted)'), ...jsonLines(action.extra)]),
      ...head('What became of it'),
      ...outcome(a, tone, now),
    ],
  }
}

function outcome(a: Approval, tone: TextLine['tone'], now: number): TextLine[] {
  return [
    ...fact('asked', `${timeOfDay(a.askedAt)}, ${age(now - a.askedAt)} ago`),
    line(
      tone,
      `${'state'.padEnd(12)} ${a.state}${a.by === '' ? '' : ` by ${a.by}`}${a.decidedAt === null ? '' : ` at ${timeOfDay(a.decidedAt)}`}`,
    ),
    ...fact('told', a.note),
    ...fact('edited to', a.edited?.target ?? '', 'command'),
    ...fact('lease', a.lease ?? ''),
    ...(a.outcome === null
      ? []
      : fact(
          'outcome',
          `${a.outcome.result}${a.outcome.exitCode === null ? '' : `, exit ${a.outcome.exitCode}`} ${a.outcome.note}`,
          a.outcome.result === 'success' ? 'good' : 'bad',
        )),
    ...fact('id', a.id, 'dim'),
  ]
}

function agentPage({ world, ui }: Pick<ConsoleState, 'world' | 'ui'>, a: Agent): Page {
  const look = agentLook(a)
  const usage = world.usage[a.name]
  const waits = waitingOf(world, a.name)
  const shells = [...tableOf(world, 'shell').values()].filter(
    (s) => s.agent === a.name && s.state === 'open',
  )
  const recent = world.events
    .filter((e) => e.subject === a.name)
    .slice(-12)
    .reverse()
  return {
    title: `${a.name} · ${a.template}`,
    right: `${look.glyph} ${look.word}`,
    lines: [
      line('dim', ''),
      ...fact(
        'phase',
        `${a.phase} for ${age(ui.now - a.since)}${a.exitCode === null ? '' : `, exit ${a.exitCode}`}`,
        look.role === 'bad' ? 'bad' : look.role === 'good' ? 'good' : 'text',
      ),
      ...fact('note', a.note, 'warn'),
      ...fact('wanted', a.wish),
      ...fact(
        'backend',
        `${a.backend}, ${a.isolation === 'none' ? 'NOT ISOLATED' : a.isolation}`,
        a.isolation === 'none' ? 'warn' : 'text',
      ),
      ...fact('not held', a.unenforced.join(', '), 'warn'),
      ...fact('guard door', a.door === '' ? 'shut' : a.door),
      ...fact('pod', a.podId, 'dim'),
      ...fact('created', `${age(ui.now - a.createdAt)} ago`),
      ...(usage === undefined
        ? []
        : fact(
            'usage',
            `${usage.cpuPercent.toFixed(0)}% of a core, ${bytes(usage.memoryBytes)}, ${count(usage.pids, 'process', 'processes')}`,
          )),
      ...head('Lock'),
      ...(a.drift.length === 0
        ? [line('good', '✓ what is there is what was locked')]
        : a.drift.map((d) => line('bad', `✕ ${d.what}: was ${short(d.from)}, is ${short(d.to)}`))),
      ...head(`Waiting for you: ${waits.length}`),
      ...waits.map((w) =>
        line('warn', `${String(w.risk.score).padStart(3)}  ${w.action.type}  ${w.action.target}`),
      ),
      ...head(`Open shells: ${shells.length}`),
      ...shells.map((s) =>
        line('text', `${s.title || s.argv.join(' ')}  since ${timeOfDay(s.openedAt)}  ${s.id}`),
      ),
      ...head('Lately'),
      ...recent.map((e) =>
        line('text', `${timeOfDay(e.at)}  ${e.type.padEnd(22)} ${eventText(e)}`),
      ),
    ],
  }
}

function short(hash: string): string {
  return hash.length > 24 ? `${hash.slice(0, 20)}…` : hash === '' ? 'nothing' : hash
}

function policyPage(p: PolicyRow, now: number, path: string): Page {
  return {
    title: `Policy · ${p.effect}`,
    right: p.id,
    lines: [
      line('dim', ''),
      line('command', policyText(p)),
      line('dim', ''),
      ...fact('effect', p.effect),
      ...fact('reason', p.reason ?? ''),
      ...fact(
        'used',
        `${p.uses}×${p.lastUsedAt === null ? '' : `, last ${age(now - p.lastUsedAt)} ago`}`,
      ),
      ...(p.pack === undefined
        ? fact('written in', path, 'dim')
        : fact(
            'from',
            `the pack ${p.pack}; clawdeck policy pack disable ${p.pack} takes all of it out of force`,
            'dim',
          )),
      ...head('As written'),
      ...jsonLines({ ...p, uses: undefined, lastUsedAt: undefined }),
    ],
  }
}

function leasePage(l: Lease, now: number): Page {
  return {
    title: 'Lease',
    right: `${l.usesLeft} of ${l.uses} uses left`,
    lines: [
      line('dim', ''),
      line('command', `${l.type}  ${l.target}`),
      line('dim', ''),
      ...fact('for', l.agent === '*' ? 'any agent' : l.agent),
      ...fact('up to risk', String(l.maxRisk)),
      ...fact('ends', `in ${span(l.expiresAt - now)}`),
      ...fact('granted', `by ${l.grantedBy}, ${age(now - l.grantedAt)} ago`),
      ...fact('state', l.state),
      ...fact('id', l.id, 'dim'),
    ],
  }
}

function shellPage(s: Shell, now: number): Page {
  return {
    title: `Shell · ${s.agent}`,
    right: s.state,
    lines: [
      line('dim', ''),
      line('command', s.argv.join(' ')),
      line('dim', ''),
      ...fact('opened', `by ${s.openedBy}, ${age(now - s.openedAt)} ago`),
      ...fact('size', `${s.columns}×${s.rows}`),
      ...fact('note', s.note),
      ...fact('id', s.id, 'dim'),
    ],
  }
}

function eventPage(e: DeckEvent): Page {
  return {
    title: `Event ${e.seq} · ${e.type}`,
    right: new Date(e.at).toISOString(),
    lines: [
      line('dim', ''),
      ...fact('actor', e.actor),
      ...fact('about', e.subject || 'the deck'),
      line('text', `${'says'.padEnd(12)} ${eventText(e)}`),
      ...head('Body'),
      ...jsonLines(e.body),
      ...head('Chain'),
      ...fact('prev', e.prev, 'dim'),
      ...fact('hash', e.hash, 'dim'),
    ],
  }
}
