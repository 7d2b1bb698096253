import { asFault } from '../../../base/fault.ts'
import { count } from '../../../base/text.ts'
import { findFace } from '../../../commands/registry.ts'
import type { Simulation } from '../../../domain/rules/trials/types.ts'
import type { PlaybookRow, RuleDetail } from '../../../domain/rules/types.ts'
import { ruleAbout, ruleSentence } from '../../text/rules.ts'
import type { LayerOf, PendingAct, UiLayer } from '../store/layer.ts'
import { changeLayer, setUi, toast } from '../store/store.ts'
import type { ConsoleContext } from './context.ts'
import { ruleById } from './rules.ts'
import { simulate } from './simulate.ts'

/** Shows what confirming these rules would have changed, and asks. */
export function confirmRules(context: ConsoleContext, ids: readonly string[]): void {
  const possible = ids.filter((id) => {
    const rule = ruleById(context.store, id)
    return (
      rule !== undefined && findFace('rule.confirm')?.unavailable?.(rule as never) === undefined
    )
  })
  const [first] = possible
  if (first === undefined) {
    toast(context.store, 'None of these can be confirmed.', 'warn')
    return
  }
  const inputs = possible.map((id) => ({ id }))
  preview(context, { ids: possible, act: 'confirm', pending: { actId: 'rule.confirm', inputs } })
  if (possible.length === 1) void offerPlaybook(context, first)
}

/** Offers to confirm the whole playbook that a rule is part of. */
async function offerPlaybook({ store, link }: ConsoleContext, id: string): Promise<void> {
  try {
    const {
      playbooks: [part],
    } = (await link.do('rule.get', { id })) as RuleDetail
    if (part === undefined) return
    const all = (await link.do('playbook.list', {})) as PlaybookRow[]
    const unit = all.find((playbook) => playbook.id === part)
    if (unit === undefined || unit.rules.length < 2) return
    changeLayer(
      store,
      (layer) => layer.kind === 'preview' && layer.rule === id && layer.act !== null,
      (layer) => ({ ...(layer as LayerOf<'preview'>), unit }),
    )
  } catch {
    /* The rule can still be confirmed alone, and its own page names its playbook. */
  }
}

/** Shows what confirming a whole playbook would have changed, and asks. */
export function confirmPlaybook(context: ConsoleContext, unit: PlaybookRow): void {
  const ids = unit.rules.filter((id) => {
    const rule = ruleById(context.store, id)
    return rule !== undefined && rule.status !== 'confirmed'
  })
  const inputs = [{ id: unit.id, act: 'confirm' }]
  preview(context, { ids, act: 'confirm', pending: { actId: 'playbook.apply', inputs } })
}

/** Shows what the likeliest change of a rule would have changed. Changes nothing. */
export function tryRule(context: ConsoleContext, id: string): void {
  const act = ruleById(context.store, id)?.status === 'confirmed' ? 'suspend' : 'confirm'
  preview(context, { ids: [id], act, pending: null })
}

interface Previewed {
  ids: readonly string[]
  act: 'confirm' | 'suspend' | 'archive'
  pending: PendingAct | null
}

function preview({ store, link }: ConsoleContext, { ids, act, pending }: Previewed): void {
  const rules = ids.map((id) => ruleById(store, id)).filter((rule) => rule !== undefined)
  const [first] = rules
  if (first === undefined) return
  const what = rules.length > 1 ? count(rules.length, 'rule') : ruleAbout(first)
  const title = `${pending === null ? 'If you' : 'Before you'} ${act} ${what}`
  const mine: LayerOf<'preview'> = {
    kind: 'preview',
    title,
    rule: first.id,
    says: rules.slice(0, 6).map(ruleSentence),
    act: pending,
    found: null,
    problem: '',
    scroll: 0,
  }
  // There is only one at a time: a yes to it is never a yes to an earlier one.
  setUi(store, (ui) => ({
    layers: [...ui.layers.filter((layer) => layer.kind !== 'preview'), mine],
  }))
  const isMine = (layer: UiLayer): boolean => layer.kind === 'preview' && layer.title === title
  const show = (result: Partial<LayerOf<'preview'>>): void =>
    changeLayer(store, isMine, (layer) => ({ ...(layer as LayerOf<'preview'>), ...result }))
  Promise.all(ids.map((id) => simulate(link, { what: id, act }))).then(
    (all) => show({ found: combined(all) }),
    (thrown: unknown) => show({ problem: asFault(thrown).message }),
  )
}

const TOTALS = ['changed', 'toAllow', 'toAsk', 'toBlock', 'severe'] as const

/** What several rules would have changed, each alone. */
function combined(all: readonly Simulation[]): Simulation {
  const [first, ...more] = all as [Simulation, ...Simulation[]]
  if (more.length === 0) return first
  const totals = Object.fromEntries(
    TOTALS.map((key) => [key, all.reduce((sum, one) => sum + one[key], 0)]),
  ) as Pick<Simulation, (typeof TOTALS)[number]>
  return {
    ...first,
    ...totals,
    byAgent: perAgent(all),
    flips: all
      .flatMap(({ flips }) => flips)
      .sort((a, b) => Number(b.severe) - Number(a.severe) || b.at - a.at)
      .slice(0, 200),
    notes: [...new Set(all.flatMap(({ notes }) => notes)), 'each rule was tried alone'],
  }
}

function perAgent(all: readonly Simulation[]): Simulation['byAgent'] {
  const agents = new Map<string, Simulation['byAgent'][number]>()
  for (const { agent, toAllow, toAsk, toBlock } of all.flatMap(({ byAgent }) => byAgent)) {
    const known = agents.get(agent)
    agents.set(agent, {
      agent,
      toAllow: toAllow + (known?.toAllow ?? 0),
      toAsk: toAsk + (known?.toAsk ?? 0),
      toBlock: toBlock + (known?.toBlock ?? 0),
    })
  }
  return [...agents.values()]
}
