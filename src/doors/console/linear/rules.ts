import { count, plain, span } from '../../../base/text.ts'
import { findFace } from '../../../commands/registry.ts'
import type { RuleDetail, RuleRow, Status } from '../../../domain/rules/types.ts'
import type { Link } from '../../operator/link.ts'
import { becauseText, missingText, ruleSentence, STATES, suspendedWhy } from '../../text/rules.ts'
import { simulate } from '../acts/simulate.ts'
import { compareNeed } from '../store/order.ts'
import type { ConsoleStore } from '../store/state.ts'
import { tableOf } from '../store/world.ts'
import { simulationLines } from '../views/preview.ts'
import type { LinearCommand, LinearCommands } from './command.ts'
import { numbering } from './numbers.ts'

const MAX_RULES = 50
const MAX_MOMENTS = 5
const MAX_SIMULATION_LINES = 20

const { numberOf, knownNumber } = numbering()

function find(store: ConsoleStore, number: string | undefined): RuleRow | undefined {
  return [...tableOf(store.getState().world, 'rule').values()].find(
    (rule) => knownNumber(store, rule.id) === Number(number),
  )
}

const notFound = (number: string | undefined): string[] => [
  `No rule ${plain(number ?? '')}. Type rules to list them.`,
]

function describe(store: ConsoleStore, rule: RuleRow): string {
  const { word } = STATES[rule.status]
  return `Rule ${numberOf(store, rule.id)}: ${ruleSentence(rule)} ${word}, ${stateText(rule)}.`
}

function stateText(rule: RuleRow): string {
  if (rule.status === 'suspended') return suspendedWhy(rule.suspensionReason)
  if (rule.status === 'confirmed') return `used ${count(rule.uses, 'time')}`
  if (rule.status !== 'candidate') return STATES[rule.status].means
  const last = rule.setback === '' ? '' : `, last time ${rule.setback}`
  return `${Math.min(rule.support, rule.needed)} of ${rule.needed} approvals${last}`
}

function list(store: ConsoleStore, _link: Link, [status]: string[]): string[] {
  const { world } = store.getState()
  const counts = Object.entries(world.deck?.rules ?? {})
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${n} ${STATES[name as Status].word}`)
    .join(', ')
  const shown = [...tableOf(world, 'rule').values()]
    .filter((rule) => status === undefined || rule.status === status)
    .sort(compareNeed)
    .slice(0, MAX_RULES)
  return [
    counts === '' ? 'Nothing was learned yet.' : `${counts}.`,
    ...shown.map((rule) => describe(store, rule)),
  ]
}

async function details(store: ConsoleStore, link: Link, [number]: string[]): Promise<string[]> {
  const rule = find(store, number)
  if (rule === undefined) return notFound(number)
  const { history, playbooks } = (await link.do('rule.get', { id: rule.id })) as RuleDetail
  const missing = rule.status === 'candidate' ? rule.missing : []
  return [
    describe(store, rule),
    rule.expiresAt === null ? 'It has no end.' : `It ends in ${span(rule.expiresAt - Date.now())}.`,
    ...missing.map((each) => `It still needs ${missingText(each)}.`),
    ...(rule.conflicts.length === 0 ? [] : [`Contradicted by: ${rule.conflicts.join(', ')}.`]),
    ...(playbooks.length === 0 ? [] : [`Part of: ${playbooks.join(', ')}.`]),
    ...history
      .slice(0, MAX_MOMENTS)
      .map(
        ({ from, to, because, actor }) =>
          `${to}: ${becauseText(because, from !== to)}, by ${plain(actor, 60)}.`,
      ),
  ]
}

/** A rule is confirmed only after what it would have changed was read out. */
async function confirm(
  store: ConsoleStore,
  link: Link,
  [number, yes]: string[],
): Promise<string[]> {
  const rule = find(store, number)
  if (rule === undefined) return notFound(number)
  const why = findFace('rule.confirm')?.unavailable?.(rule as never)
  if (why !== undefined) return [`Not possible: ${why}.`]
  if (yes === 'yes') {
    await link.do('rule.confirm', { id: rule.id })
    return [`Confirmed: ${ruleSentence(rule)}`]
  }
  const changes = simulationLines(await simulate(link, { what: rule.id, act: 'confirm' }))
    .map(({ text }) => text.trim())
    .filter((text) => text !== '')
  return [
    ruleSentence(rule),
    ...changes.slice(0, MAX_SIMULATION_LINES),
    `To confirm it, type: confirm ${number ?? ''} yes`,
  ]
}

/** Runs an act on a rule. `done` says what happened to it. */
const onRule =
  (actId: string, done: string): LinearCommand['run'] =>
  async (store, link, [number]) => {
    const rule = find(store, number)
    if (rule === undefined) return notFound(number)
    const why = findFace(actId)?.unavailable?.(rule as never)
    if (why !== undefined) return [`Not possible: ${why}.`]
    await link.do(actId, { id: rule.id })
    return [`${done}: ${ruleSentence(rule)}`]
  }

export const ruleCommands: LinearCommands = {
  rules: { help: 'rules [status]: learned rules, most in need of review first', run: list },
  rule: { help: 'rule <number>: everything about a rule', run: details },
  confirm: {
    help: 'confirm <number>: what it would have changed; with the word yes, confirms it',
    run: confirm,
  },
  suspend: { help: 'suspend <number>: ask again', run: onRule('rule.suspend', 'Suspended') },
  resume: { help: 'resume <number>: let it learn again', run: onRule('rule.resume', 'Resumed') },
  archive: { help: 'archive <number>', run: onRule('rule.archive', 'Archived') },
}
