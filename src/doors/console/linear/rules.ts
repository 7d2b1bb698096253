import { count, plain, span } from '../../../base/text.ts'
import { findFace } from '../../../commands/registry.ts'
import type { RuleDetail, RuleRow, Status } from '../../../domain/rules/types.ts'
import type { Link } from '../../operator/link.ts'
import { STATES, becauseText, missingText, ruleSentence, suspendedWhy } from '../../text/rules.ts'
import { simulate } from '../acts/simulate.ts'
import { numbering } from './numbers.ts'
import { byNeed } from '../store/order.ts'
import type { ConsoleStore } from '../store/store.ts'
import { simulationLines } from '../views/preview.ts'
import { tableOf } from '../store/world.ts'

type Words = (store: ConsoleStore, link: Link, rest: string[]) => Promise<string[]> | string[]

const { numberOf, given } = numbering()

function find(store: ConsoleStore, n: string | undefined): RuleRow | undefined {
  return [...tableOf(store.getState().world, 'rule').values()].find(
    (rule) => given(store, rule.id) === Number(n),
  )
}

const NONE = (n: string | undefined): string[] => [
  `No rule number ${plain(n ?? '')}. Type rules to hear them.`,
]

function describe(store: ConsoleStore, rule: RuleRow): string {
  return `Rule ${numberOf(store, rule.id)}: ${ruleSentence(rule)} ${STATES[rule.status].word}, ${stands(rule)}.`
}

function stands(rule: RuleRow): string {
  if (rule.status === 'suspended') return suspendedWhy(rule.suspensionReason)
  if (rule.status === 'candidate')
    return `${Math.min(rule.support, rule.needed)} of ${rule.needed} yeses${rule.setback === '' ? '' : `, last time ${rule.setback}`}`
  return rule.status === 'confirmed'
    ? `used ${count(rule.uses, 'time')}`
    : STATES[rule.status].means
}

function list(store: ConsoleStore, _link: Link, [state]: string[]): string[] {
  const { world } = store.getState()
  const { deck } = world
  const counts = Object.entries(deck?.rules ?? {})
    .filter(([, n]) => n > 0)
    .map(([status, n]) => `${n} ${STATES[status as Status].word}`)
    .join(', ')
  const shown = [...tableOf(world, 'rule').values()]
    .filter((rule) => state === undefined || rule.status === state)
    .sort(byNeed)
    .slice(0, 50)
  return [
    counts === '' ? 'Nothing was learned yet.' : `${counts}.`,
    ...shown.map((rule) => describe(store, rule)),
  ]
}

async function details(store: ConsoleStore, link: Link, [n]: string[]): Promise<string[]> {
  const rule = find(store, n)
  if (rule === undefined) return NONE(n)
  const { history, playbooks } = (await link.do('rule.get', { id: rule.id })) as RuleDetail
  return [
    describe(store, rule),
    rule.expiresAt === null
      ? 'It holds until somebody ends it.'
      : `It holds for ${span(rule.expiresAt - Date.now())} more.`,
    ...(rule.status === 'candidate'
      ? rule.missing.map((missing) => `It still needs ${missingText(missing)}.`)
      : []),
    ...(rule.conflicts.length === 0 ? [] : [`Against it: ${rule.conflicts.join(', ')}.`]),
    ...(playbooks.length === 0 ? [] : [`Part of: ${playbooks.join(', ')}.`]),
    ...history
      .slice(0, 5)
      .map(
        (moment) =>
          `${moment.to}: ${becauseText(moment.because, moment.from !== moment.to)}, by ${plain(moment.actor, 60)}.`,
      ),
  ]
}

/** A yes to a rule comes after what it would have changed was said; a grave one is said twice. */
async function confirm(store: ConsoleStore, link: Link, [n, sure]: string[]): Promise<string[]> {
  const rule = find(store, n)
  const why =
    rule === undefined ? undefined : findFace('rule.confirm')?.unavailable?.(rule as never)
  if (rule === undefined || why !== undefined)
    return why === undefined ? NONE(n) : [`Not possible: ${why}.`]
  if (sure !== 'yes') {
    const tried = simulationLines(await simulate(link, { what: rule.id, act: 'confirm' }))
      .map(({ text }) => text.trim())
      .filter((text) => text !== '')
    return [ruleSentence(rule), ...tried.slice(0, 20), `To confirm it type: confirm ${n ?? ''} yes`]
  }
  await link.do('rule.confirm', { id: rule.id })
  return [`Confirmed: ${ruleSentence(rule)}`]
}

const act =
  (row: string, done: string): Words =>
  async (store, link, [n]) => {
    const rule = find(store, n)
    if (rule === undefined) return NONE(n)
    const why = findFace(row)?.unavailable?.(rule as never)
    if (why !== undefined) return [`Not possible: ${why}.`]
    await link.do(row, { id: rule.id })
    return [`${done}: ${ruleSentence(rule)}`]
  }

/** What can be said about learned rules, in words. */
export const RULE_WORDS: Record<string, [help: string, act: Words]> = {
  rules: ['rules [state]: what was learned, most in need of a look first', list],
  rule: ['rule <number>: all about one', details],
  confirm: [
    'confirm <number>: what it would have changed, then with the word yes let it answer',
    confirm,
  ],
  suspend: ['suspend <number>: ask again', act('rule.suspend', 'Suspended')],
  resume: ['resume <number>: let it learn again', act('rule.resume', 'Resumed')],
  archive: ['archive <number>: put it away', act('rule.archive', 'Archived')],
}
