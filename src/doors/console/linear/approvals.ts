import { confirmedAs } from '../../../base/confirmation.ts'
import { plain } from '../../../base/text.ts'
import { confirmationsToAllow } from '../../../domain/approvals/rules.ts'
import type { Approval, DecidedApprovals } from '../../../domain/approvals/types.ts'
import type { Link } from '../../operator/link.ts'
import { precedentText, waitText, whyText } from '../../text/approvals.ts'
import { escalationText } from '../../text/escalations.ts'
import { quorumText } from '../../text/quorum.ts'
import { placeText, runText } from '../../text/run-text.ts'
import type { ConsoleStore } from '../store/state.ts'
import { tableOf } from '../store/world.ts'
import { othersAt, othersText } from '../views/others.ts'
import type { LinearCommands } from './command.ts'
import { numbering } from './numbers.ts'

const { numberOf } = numbering()

function waiting(store: ConsoleStore): Approval[] {
  const { world } = store.getState()
  return world.waiting
    .map((id) => tableOf(world, 'approval').get(id))
    .filter((a) => a !== undefined)
}

function find(store: ConsoleStore, number: string | undefined): Approval | undefined {
  return waiting(store).find((a) => String(numberOf(store, a.id)) === number)
}

const notWaiting = (number: string | undefined): string[] => [
  `Approval ${plain(number ?? '')} is not waiting. Type waiting to list those that are.`,
]

/** Approvals that were read out whole. */
const readOut = new WeakMap<ConsoleStore, Set<string>>()

function isReadOut(store: ConsoleStore, { id }: Approval): boolean {
  return readOut.get(store)?.has(id) === true
}

const MAX_SENTENCE = 300

/**
 * `Approval 1: backend asks exec: git push origin main in /workspace. Risk 82. 4:12 left.` A long
 * command is cut, and `show` reads all of it.
 */
export function approvalSentence(store: ConsoleStore, a: Approval): string {
  const text = runText(a)
  const rest = text.length - MAX_SENTENCE
  if (rest <= 0) return wholeSentence(store, a)
  const number = numberOf(store, a.id)
  const more = `… and ${rest} more characters. Type show ${number} to read all.`
  return sentence(store, a, `${text.slice(0, MAX_SENTENCE)}${more}`)
}

function sentence(store: ConsoleStore, a: Approval, run: string): string {
  const left = waitText(a, Date.now())
  const asks = `Approval ${numberOf(store, a.id)}: ${a.agent} asks ${plain(a.action.type)}: ${run}. Risk ${a.risk.score}. ${left}.`
  return `${asks}${peopleText(store, a)}`
}

/** Whose agreement is there and whose is missing, and who else has it open. */
function peopleText(store: ConsoleStore, a: Approval): string {
  const people = a.quorum === undefined ? '' : ` People: ${quorumText(a)}.`
  const others = othersText(othersAt(store.getState(), a.id))
  return `${people}${others === '' ? '' : ` ${others}.`}`
}

/** All of what will run. It can be allowed from then on. */
function wholeSentence(store: ConsoleStore, a: Approval): string {
  const read = readOut.get(store) ?? new Set()
  readOut.set(store, read.add(a.id))
  const place = placeText(a)
  return sentence(store, a, `${runText(a)}${place === '' ? '' : ` ${place}`}`)
}

function details(store: ConsoleStore, number: string | undefined): string[] {
  const a = find(store, number)
  if (a === undefined) return notWaiting(number)
  const { goal } = a.action
  const row = tableOf(store.getState().world, 'escalation').get(a.id)
  const told = escalationText(row, Date.now())
  return [
    wholeSentence(store, a),
    `Why: ${whyText(a)}.`,
    `Before: ${precedentText(a, Date.now())}.`,
    ...(told === undefined ? [] : [`Told: ${told}.`]),
    ...(goal === '' ? [] : [`Goal: ${plain(goal)}.`]),
  ]
}

/** Allows what was read out whole; at high risk with one more word. */
async function allow(store: ConsoleStore, link: Link, [number, yes]: string[]): Promise<string[]> {
  const a = find(store, number)
  if (a === undefined) return notWaiting(number)
  const needed = confirmationsToAllow([a])
  const isShort = needed.every(({ what }) => what === 'seen')
  if (!isReadOut(store, a) || (!isShort && yes !== 'yes'))
    return [
      wholeSentence(store, a),
      `Why: ${whyText(a)}.`,
      `To allow it, type: allow ${number ?? ''}${isShort ? '' : ' yes'}`,
    ]
  const said = await link.do('approval.allow', { ids: [a.id], confirm: confirmedAs(needed) })
  const [now] = (said as DecidedApprovals).decided
  if (now?.state === 'pending') return [`Agreed, and not decided yet: ${quorumText(now)}.`]
  return [`Allowed: ${a.agent}, ${plain(a.action.target, 120)}.`]
}

async function deny(store: ConsoleStore, link: Link, words: string[]): Promise<string[]> {
  const [number, ...reason] = words
  const a = find(store, number)
  if (a === undefined) return notWaiting(number)
  const note = reason.join(' ')
  await link.do('approval.deny', { ids: [a.id], ...(note === '' ? {} : { note }) })
  return [`Denied: ${a.agent}, ${plain(a.action.target, 120)}.`]
}

export const approvalCommands: LinearCommands = {
  waiting: {
    help: 'approvals that wait for you',
    run: (store) => waiting(store).map((a) => approvalSentence(store, a)),
  },
  show: {
    help: 'show <number>: everything about an approval',
    run: (store, _link, [number]) => details(store, number),
  },
  allow: { help: 'allow <number>: at high risk, add the word yes', run: allow },
  deny: { help: 'deny <number> [reason]', run: deny },
}
