import { plain, span } from '../../../base/text.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { Link } from '../../operator/link.ts'
import { precedentText, whyText } from '../../text/approvals.ts'
import type { ConsoleStore } from '../store/state.ts'
import { tableOf } from '../store/world.ts'
import { HIGH_RISK } from '../views/rows/risk.ts'
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

/** `Approval 1: backend asks exec: git push origin main. Risk 82. 4:12 left.` */
export function approvalSentence(store: ConsoleStore, a: Approval): string {
  const { type, target } = a.action
  const left = span(a.expiresAt - Date.now())
  return `Approval ${numberOf(store, a.id)}: ${a.agent} asks ${plain(type)}: ${plain(target, 300)}. Risk ${a.risk.score}. ${left} left.`
}

function details(store: ConsoleStore, number: string | undefined): string[] {
  const a = find(store, number)
  if (a === undefined) return notWaiting(number)
  const { goal, cwd } = a.action
  return [
    approvalSentence(store, a),
    `Why: ${whyText(a)}.`,
    `Before: ${precedentText(a, Date.now())}.`,
    ...(goal === '' ? [] : [`Goal: ${plain(goal)}.`]),
    ...(cwd === '' ? [] : [`Folder: ${plain(cwd)}.`]),
  ]
}

async function allow(store: ConsoleStore, link: Link, [number, yes]: string[]): Promise<string[]> {
  const a = find(store, number)
  if (a === undefined) return notWaiting(number)
  if (a.risk.score >= HIGH_RISK && yes !== 'yes')
    return [
      `High risk ${a.risk.score}: ${whyText(a)}. To allow it, type: allow ${number ?? ''} yes`,
    ]
  await link.do('approval.allow', { id: a.id })
  return [`Allowed: ${a.agent}, ${plain(a.action.target, 120)}.`]
}

async function deny(store: ConsoleStore, link: Link, words: string[]): Promise<string[]> {
  const [number, ...reason] = words
  const a = find(store, number)
  if (a === undefined) return notWaiting(number)
  const note = reason.join(' ')
  await link.do('approval.deny', { id: a.id, ...(note === '' ? {} : { note }) })
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
