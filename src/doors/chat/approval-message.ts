import { plain, span } from '../../base/text.ts'
import { HIGH_RISK, seenDigest } from '../../domain/approvals/rules.ts'
import type { Approval } from '../../domain/approvals/types.ts'
import type { ChatButton, ChatMessage } from '../../ports/chat-bot.ts'
import { precedentText, waitText } from '../text/approvals.ts'
import { quorumText } from '../text/quorum.ts'
import { placeText, runText } from '../text/run-text.ts'
import { button } from './buttons.ts'
import { clockTime, whoText } from './words.ts'

/** Of what would run, in UTF-16 units: in a message of its own, and in the one with the buttons. */
const PART = 3600
const LAST_PART = 1400
const FIRST_PART = 700
/** More messages than this are not sent for one approval. */
const MAX_PARTS = 4

/** Messages that show an approval. The last one has the buttons. */
interface ApprovalMessages {
  messages: ChatMessage[]
  /** All of what would run is in them. */
  whole: boolean
}

/** What somebody is asked, with everything that is needed to decide. */
export function approvalMessages(
  a: Approval,
  { now, decides }: { now: number; decides: boolean },
): ApprovalMessages {
  const { parts, last, missing } = split(allThatRuns(a))
  const whole = missing === 0
  const before = parts.map((part, i) =>
    withBlock(
      `Part ${i + 1} of ${parts.length + 1} of what ${a.agent} wants to run:\n`,
      part,
      '\n(continued)',
    ),
  )
  const head = `${risky(a)}${a.agent} asks: ${plain(a.action.type, 32)}\n`
  const rest = [
    ...(whole ? [] : [notWhole(missing)]),
    ...contextLines(a),
    ...riskLines(a),
    ...reasonLines(a),
    ...(a.quorum === undefined ? [] : [`Needs several people: ${quorumText(a)}`]),
    `Asked before: ${precedentText(a, now)}`,
    a.heldSince === undefined
      ? `Denied unless it is allowed in ${span(a.expiresAt - now)}, by ${clockTime(a.expiresAt)}`
      : `${a.agent} is frozen, so this is ${waitText(a, now)}: /thaw first`,
  ]
  const message = withBlock(head, last, `\n${rest.join('\n')}`)
  const buttons = decides ? [decisionButtons(a, whole)] : [[detailsButton(a)]]
  return { messages: [...before, { ...message, buttons }], whole }
}

/** The second question before something of high risk is allowed; the risk is named. */
export function riskMessage(a: Approval, reason: string | undefined): ChatMessage {
  const { parts, last } = split(allThatRuns(a))
  const { score } = a.risk
  const above = parts.length === 0 ? '' : 'The end of what was shown above:\n'
  const message = withBlock(
    `⚠ Risk ${score} of 100: allow this for ${a.agent}?\n${above}`,
    last,
    `\n${[...riskLines(a), ...(reason === undefined ? [] : [`Your reason: ${plain(reason, 500)}`])].join('\n')}`,
  )
  const named = { approval: a.id, digest: seenDigest([a]) }
  const allow = button(`Allow at risk ${score}`, { verb: 'risk', ...named, score: String(score) })
  return { ...message, buttons: [[allow], [button('Back', { verb: 'back', ...named })]] }
}

/** What became of an approval, in place of the question. */
export function outcomeMessage(a: Approval): ChatMessage {
  const { parts, last } = split(allThatRuns(a))
  const above = parts.length === 0 ? '' : 'The end of what was shown above:\n'
  const edited = a.edited === null ? [] : ['It was changed first, to what the deck shows.']
  const note = a.note === '' ? [] : [`Reason: ${plain(a.note, 1000)}`]
  return withBlock(
    `${outcomeText(a)}\n${a.agent} asked: ${plain(a.action.type, 32)}\n${above}`,
    last,
    ['', ...edited, ...note].join('\n'),
  )
}

/** `Allowed by ada (telegram) at 12:34:56` */
export function outcomeText(a: Approval): string {
  const at = a.decidedAt === null ? '' : ` at ${clockTime(a.decidedAt)}`
  if (a.state === 'pending') return 'It still waits for a decision'
  if (a.state === 'expired') return `✗ Denied: nobody answered in time${at}`
  return `${a.state === 'allowed' ? '✓ Allowed' : '✗ Denied'} by ${whoText(a.by)}${at}`
}

/** All that the deck knows of what was asked, for whoever wants to look closer. */
export function detailsText(a: Approval, steps: readonly string[]): string {
  const extra = Object.keys(a.action.extra).length === 0 ? '' : JSON.stringify(a.action.extra)
  return [
    `${a.id} of ${a.agent}: ${outcomeText(a)}`,
    `Goal: ${plain(a.action.goal, 1000) || 'the agent did not say'}`,
    ...(extra === '' ? [] : [`Other data from the agent, not trusted: ${plain(extra, 800)}`]),
    ...steps.map((step) => `· ${plain(step, 300)}`),
  ]
    .join('\n')
    .slice(0, 4000)
    .toWellFormed()
}

function risky({ risk }: Approval): string {
  return risk.score >= HIGH_RISK ? '⚠ ' : ''
}

/** What would run, where, and its words if the line does not show where each begins. */
function allThatRuns(a: Approval): string {
  const { argv, target } = a.action
  const words = argv.join(' ') === target ? '' : `words: ${plain(JSON.stringify(argv), Infinity)}`
  return [runText(a), placeText(a), argv.length === 0 ? '' : words]
    .filter((line) => line !== '')
    .join('\n')
}

function split(text: string): { parts: string[]; last: string; missing: number } {
  if (text.length <= LAST_PART) return { parts: [], last: text, missing: 0 }
  const parts: string[] = []
  let rest = text
  while (rest.length > LAST_PART && parts.length < MAX_PARTS) {
    const end = wholeCharacters(rest, Math.min(PART, Math.max(rest.length - LAST_PART, FIRST_PART)))
    parts.push(rest.slice(0, end))
    rest = rest.slice(end)
  }
  const end = wholeCharacters(rest, LAST_PART)
  return { parts, last: rest.slice(0, end), missing: rest.length - end }
}

/** The same place, or the one before: not within a surrogate pair. */
function wholeCharacters(text: string, end: number): number {
  const code = text.charCodeAt(end - 1)
  return code >= 0xd800 && code <= 0xdbff ? end - 1 : end
}

function withBlock(before: string, block: string, after = ''): ChatMessage {
  // Blanks at the end of a message are not kept.
  const text = (before + block + after).trimEnd()
  const [from, to] = [before.length, Math.min(before.length + block.length, text.length)]
  return { text, blocks: from < to ? [{ from, to }] : [] }
}

function notWhole(missing: number): string {
  return `${missing} characters more are not shown here, so it cannot be allowed here: use the console.`
}

function contextLines({ action }: Approval): string[] {
  const lines: [name: string, text: string][] = [
    ['Goal', plain(action.goal, 200)],
    ['Scope', plain(action.scope, 80)],
    ['Systems', plain(action.systems.join(', '), 120)],
    ['Reversible', REVERSIBLE.get(action.reversible) ?? ''],
  ]
  return lines.filter(([, text]) => text !== '').map(([name, text]) => `${name}: ${text}`)
}

const REVERSIBLE = new Map([
  [null, 'the agent did not say'],
  [true, 'yes, the agent says'],
  [false, 'no'],
])

function riskLines({ risk, action }: Approval): string[] {
  const { claimedRisk } = action
  return [
    `Risk ${risk.score} of 100`,
    ...bounded(risk.factors, 8, ({ points, label }) => `  ${signedPoints(points)} ${label}`),
    ...(claimedRisk === null ? [] : [`  the agent says ${claimedRisk}`]),
  ]
}

const signedPoints = (points: number) => `${points < 0 ? '' : '+'}${points}`

function reasonLines({ reasons }: Approval): string[] {
  if (reasons.length === 0) return []
  return ['Why it needs approval', ...bounded(reasons, 4, ({ text }) => `  ${text}`)]
}

/** Each item on a line of bounded length, and how many more there are. */
function bounded<T>(items: readonly T[], most: number, line: (item: T) => string): string[] {
  const lines = items.slice(0, most).map((item) => plain(line(item), 120))
  return items.length <= most ? lines : [...lines, `  and ${items.length - most} more: see Details`]
}

function decisionButtons(a: Approval, whole: boolean): ChatButton[] {
  const named = { approval: a.id, digest: seenDigest([a]) }
  return [
    ...(whole ? [button('Allow', { verb: 'allow', ...named })] : []),
    button('Deny', { verb: 'deny', ...named }),
    detailsButton(a),
  ]
}

function detailsButton(a: Approval): ChatButton {
  return button('Details', { verb: 'details', approval: a.id, digest: seenDigest([a]) })
}
