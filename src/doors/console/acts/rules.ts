import { asFault } from '../../../base/fault.ts'
import { count, plain } from '../../../base/text.ts'
import { findFace } from '../../../commands/registry.ts'
import type { PlaybookRow, RuleDetail, RuleRow } from '../../../domain/rules/types.ts'
import { ruleAbout, ruleSentence } from '../../text/rules.ts'
import { isBoard } from '../store/board.ts'
import type { Layer, PendingAct } from '../store/layer.ts'
import { ruled } from '../store/select.ts'
import { changeLayer, pushLayer, setUi, toast, type ConsoleStore } from '../store/store.ts'
import type { Bridge } from './bridge.ts'
import { simulate } from './simulate.ts'
import type { Simulation } from '../../../domain/rules/trials/types.ts'

const MOST_ARCHIVED = 500

/** A rule by its id, wherever it stands. */
export function ruleOf(store: ConsoleStore, id: string): RuleRow | undefined {
  return ruled(store.getState().world, `rule:${id}`)?.row as RuleRow | undefined
}

/** Opens all that is known of a rule, and reads it again whenever the rule changes while it is open. */
export function openRule({ store, link }: Bridge, id: string): void {
  const is = (layer: Layer): boolean =>
    layer.kind === 'detail' && layer.noun === 'rule' && layer.id === id
  let known: RuleRow | undefined
  let reading = false
  const read = async (): Promise<void> => {
    reading = true
    known = ruleOf(store, id)
    try {
      const found = (await link.do('rule.get', { id })) as RuleDetail
      changeLayer(store, is, (layer) => ({ ...layer, found }) as Layer)
    } catch (thrown) {
      changeLayer(store, is, (layer) => ({ ...layer, problem: asFault(thrown).message }) as Layer)
    }
    reading = false
    look()
  }
  const look = (): void => {
    if (!reading && store.getState().ui.layers.some(is) && ruleOf(store, id) !== known) void read()
  }
  pushLayer(store, { kind: 'detail', noun: 'rule', id, scroll: 0 })
  const stop = store.subscribe(() => {
    if (store.getState().ui.layers.some(is)) look()
    else stop()
  })
  void read()
}

/** Reads the archive while the board is looked at, and again when it has grown or shrunk. Ends with what it answers. */
export function watchArchive({ store, link }: Pick<Bridge, 'store' | 'link'>): () => void {
  let known = -1
  let reading = false
  const read = async (count: number): Promise<void> => {
    reading = true
    known = count
    try {
      const rows =
        count === 0
          ? []
          : ((await link.do('rule.list', {
              status: 'archived',
              limit: MOST_ARCHIVED,
            })) as RuleRow[])
      store.setState((state) => ({
        world: { ...state.world, archived: new Map(rows.map((row) => [row.id, row])) },
      }))
    } catch (thrown) {
      toast(store, `The archive could not be read: ${asFault(thrown).message}`, 'warn')
    }
    reading = false
    look()
  }
  const look = (): void => {
    const state = store.getState()
    const count = state.world.deck?.rules.archived ?? 0
    if (!reading && count !== known && isBoard(state)) void read(count)
  }
  return store.subscribe(look)
}

type Act = 'confirm' | 'suspend' | 'archive'

/** Shows what confirming these rules would have changed, and asks. */
export function confirmRules(bridge: Bridge, ids: readonly string[]): void {
  const possible = ids.filter((id) => {
    const rule = ruleOf(bridge.store, id)
    return (
      rule !== undefined && findFace('rule.confirm')?.unavailable?.(rule as never) === undefined
    )
  })
  if (possible.length === 0) {
    toast(bridge.store, 'None of these can be confirmed.', 'warn')
    return
  }
  preview(bridge, possible, 'confirm', {
    actId: 'rule.confirm',
    inputs: possible.map((id) => ({ id })),
  })
  if (possible.length === 1) void offerUnit(bridge, possible[0] as string)
}

/** What belongs together can be confirmed together: says so where a rule is part of a playbook. */
async function offerUnit({ store, link }: Bridge, id: string): Promise<void> {
  try {
    const {
      playbooks: [part],
    } = (await link.do('rule.get', { id })) as RuleDetail
    const unit =
      part === undefined
        ? undefined
        : ((await link.do('playbook.list', {})) as PlaybookRow[]).find(
            (playbook) => playbook.id === part,
          )
    if (unit === undefined || unit.rules.length < 2) return
    changeLayer(
      store,
      (layer) => layer.kind === 'preview' && layer.rule === id && layer.act !== null,
      (layer) => ({ ...layer, unit }) as Layer,
    )
  } catch {
    /* It can still be confirmed alone, and its own page says what it is part of. */
  }
}

/** Shows what confirming a whole playbook would have changed, and asks. */
export function confirmUnit(bridge: Bridge, unit: PlaybookRow): void {
  const open = unit.rules.filter((id) => {
    const rule = ruleOf(bridge.store, id)
    return rule !== undefined && rule.status !== 'confirmed'
  })
  preview(bridge, open, 'confirm', {
    actId: 'playbook.apply',
    inputs: [{ id: unit.id, act: 'confirm' }],
  })
}

/** Shows what the nearest act on a rule would have changed; changes nothing. */
export function tryRule(bridge: Bridge, id: string): void {
  preview(
    bridge,
    [id],
    ruleOf(bridge.store, id)?.status === 'confirmed' ? 'suspend' : 'confirm',
    null,
  )
}

function preview(
  { store, link }: Bridge,
  ids: readonly string[],
  act: Act,
  pending: PendingAct | null,
): void {
  const rules = ids.map((id) => ruleOf(store, id)).filter((rule) => rule !== undefined)
  const [first] = rules
  if (first === undefined) return
  const title = `${pending === null ? 'If you' : 'Before you'} ${act} ${rules.length > 1 ? count(rules.length, 'rule') : ruleAbout(first)}`
  const mine: Layer = {
    kind: 'preview',
    title,
    rule: first.id,
    says: rules.slice(0, 6).map(ruleSentence),
    act: pending,
    found: null,
    problem: '',
    scroll: 0,
  }
  const here = (layer: Layer): boolean => layer.kind === 'preview' && layer.title === title
  // Only one lies there at a time: a yes to it is never a yes to what was looked at before.
  setUi(store, (ui) => ({
    layers: [...ui.layers.filter((layer) => layer.kind !== 'preview'), mine],
  }))
  Promise.all(ids.map((id) => simulate(link, { what: id, act }))).then(
    (all) => changeLayer(store, here, (layer) => ({ ...layer, found: together(all) }) as Layer),
    (thrown: unknown) =>
      changeLayer(
        store,
        here,
        (layer) => ({ ...layer, problem: asFault(thrown).message }) as Layer,
      ),
  )
}

/** What several rules would have changed, each alone. */
function together(all: readonly Simulation[]): Simulation {
  const [first, ...more] = all as [Simulation, ...Simulation[]]
  if (more.length === 0) return first
  const sum = (key: 'changed' | 'toAllow' | 'toAsk' | 'toBlock' | 'grave'): number =>
    all.reduce((n, one) => n + one[key], 0)
  const agents = new Map<string, Simulation['byAgent'][number]>()
  for (const { byAgent } of all) {
    for (const a of byAgent) {
      const known = agents.get(a.agent) ?? { agent: a.agent, toAllow: 0, toAsk: 0, toBlock: 0 }
      agents.set(a.agent, {
        agent: a.agent,
        toAllow: known.toAllow + a.toAllow,
        toAsk: known.toAsk + a.toAsk,
        toBlock: known.toBlock + a.toBlock,
      })
    }
  }
  return {
    ...first,
    changed: sum('changed'),
    toAllow: sum('toAllow'),
    toAsk: sum('toAsk'),
    toBlock: sum('toBlock'),
    grave: sum('grave'),
    byAgent: [...agents.values()],
    flips: all
      .flatMap(({ flips }) => flips)
      .sort((a, b) => Number(b.grave) - Number(a.grave) || b.at - a.at)
      .slice(0, 200),
    notes: [...new Set(all.flatMap(({ notes }) => notes)), 'each rule was tried alone'],
  }
}

/** Asks before the marked rules become one. */
export function mergeRules({ store }: Bridge, id: string): void {
  const { marks } = store.getState().ui
  const into = ruleOf(store, id)
  const others = marks.policies
    .filter((place) => place.startsWith('rule:') && place !== `rule:${id}`)
    .map((place) => place.slice(5))
  if (into === undefined || others.length === 0) {
    toast(
      store,
      'Mark with Space the rules that are to go into the one under the cursor, then m.',
      'info',
    )
    return
  }
  const names = others.map((other) => {
    const rule = ruleOf(store, other)
    return `gives its evidence and is archived: ${rule === undefined ? other : ruleAbout(rule)}`
  })
  pushLayer(store, {
    kind: 'confirm',
    title: `Merge ${count(others.length + 1, 'rule')}?`,
    yes: 'y',
    danger: false,
    lines: [`keeps: ${plain(ruleSentence(into), 300)}`, ...names],
    act: { actId: 'rule.merge', inputs: [{ ids: [id, ...others] }] },
  })
}
