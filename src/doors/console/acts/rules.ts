import { asFault } from '../../../base/fault.ts'
import { count, plain } from '../../../base/text.ts'
import type { RuleDetail, RuleRow } from '../../../domain/rules/types.ts'
import { ruleAbout, ruleSentence } from '../../text/rules.ts'
import { isBoard } from '../store/board.ts'
import type { LayerOf, UiLayer } from '../store/layer.ts'
import { policyPaneRow } from '../store/rows.ts'
import type { ConsoleStore } from '../store/state.ts'
import { changeLayer, pushLayer, toast } from '../store/store.ts'
import type { ConsoleContext } from './context.ts'

const MAX_ARCHIVED = 500

/** A rule by its id; archived ones count. */
export function ruleById(store: ConsoleStore, id: string): RuleRow | undefined {
  return policyPaneRow(store.getState().world, `rule:${id}`)?.row as RuleRow | undefined
}

/** Shows everything about a rule, and loads it again whenever the rule changes. */
export function openRule({ store, link }: ConsoleContext, id: string): void {
  const isMine = (layer: UiLayer): boolean =>
    layer.kind === 'detail' && layer.noun === 'rule' && layer.id === id
  const show = (loaded: Partial<LayerOf<'detail'>>): void =>
    changeLayer(store, isMine, (layer) => ({ ...(layer as LayerOf<'detail'>), ...loaded }))
  const isOpen = (): boolean => store.getState().ui.layers.some(isMine)
  let known: RuleRow | undefined
  let loading = false
  const load = async (): Promise<void> => {
    loading = true
    known = ruleById(store, id)
    try {
      show({ found: (await link.do('rule.get', { id })) as RuleDetail })
    } catch (thrown) {
      show({ problem: asFault(thrown).message })
    }
    loading = false
    loadIfChanged()
  }
  const loadIfChanged = (): void => {
    if (!loading && isOpen() && ruleById(store, id) !== known) void load()
  }
  pushLayer(store, { kind: 'detail', noun: 'rule', id, scroll: 0 })
  const stop = store.subscribe(() => {
    if (isOpen()) loadIfChanged()
    else stop()
  })
  void load()
}

/**
 * Loads archived rules while the board is shown, and again when their number changes, until the
 * returned function is called.
 */
export function watchArchive({ store, link }: Pick<ConsoleContext, 'store' | 'link'>): () => void {
  let known = -1
  let loading = false
  const load = async (size: number): Promise<void> => {
    loading = true
    known = size
    try {
      const filter = { status: 'archived', limit: MAX_ARCHIVED }
      const rows = size === 0 ? [] : ((await link.do('rule.list', filter)) as RuleRow[])
      store.setState((state) => ({
        world: { ...state.world, archived: new Map(rows.map((row) => [row.id, row])) },
      }))
    } catch (thrown) {
      toast(store, `Archived rules could not be loaded: ${asFault(thrown).message}`, 'warn')
    }
    loading = false
    loadIfChanged()
  }
  const loadIfChanged = (): void => {
    const state = store.getState()
    const size = state.world.deck?.rules.archived ?? 0
    if (!loading && size !== known && isBoard(state)) void load(size)
  }
  return store.subscribe(loadIfChanged)
}

/** Asks whether to merge the marked rules into one. */
export function openMergeForm({ store }: ConsoleContext, id: string): void {
  const into = ruleById(store, id)
  const others = store
    .getState()
    .ui.marks.policies.filter((key) => key.startsWith('rule:') && key !== `rule:${id}`)
    .map((key) => key.slice('rule:'.length))
  if (into === undefined || others.length === 0) {
    toast(
      store,
      'Mark rules with Space, move the cursor to the rule to merge them into, then press m.',
      'info',
    )
    return
  }
  const merged = others.map((other) => {
    const rule = ruleById(store, other)
    return `archived, its evidence is kept: ${rule === undefined ? other : ruleAbout(rule)}`
  })
  pushLayer(store, {
    kind: 'confirm',
    title: `Merge ${count(others.length + 1, 'rule')}?`,
    yes: 'y',
    danger: false,
    lines: [`stays: ${plain(ruleSentence(into), 300)}`, ...merged],
    act: { actId: 'rule.merge', inputs: [{ ids: [id, ...others] }] },
  })
}
