import { asFault } from '../../../base/fault.ts'
import type { Simulation } from '../../../domain/rules/trials/types.ts'
import type { Link } from '../../operator/link.ts'
import { askedFields, type LayerOf, type UiLayer } from '../store/layer.ts'
import type { ConsoleStore } from '../store/state.ts'
import { changeLayer } from '../store/store.ts'
import type { ConsoleContext } from './context.ts'

/** What `rule.simulate` takes: a rule and a change, or an approval and the rule it could make. */
type SimulationInput =
  | { what: string; act?: 'confirm' | 'suspend' | 'archive' }
  | { what: string; width: string; scope: string; ask: boolean }

/** How the recorded past would have been answered with a change of rules. */
export async function simulate(link: Link, input: SimulationInput): Promise<Simulation> {
  return (await link.do('rule.simulate', input)) as Simulation
}

type Form = LayerOf<'form'>

/**
 * Simulates the rule that the top form would make, again whenever its values change. One simulation
 * runs at a time: when it ends, the values that were chosen meanwhile follow.
 */
export function simulateForm({ store, link }: Pick<ConsoleContext, 'store' | 'link'>): void {
  const top = store.getState().ui.layers.at(-1)
  if (top?.kind !== 'form') return
  const input = simulationInput(top)
  const of = JSON.stringify(input)
  if (input === undefined || top.trial?.of === of) return
  const isRunning = top.trial !== undefined && top.trial.found === null && top.trial.problem === ''
  setTrial(store, (layer) => layer === top, { of, found: null, problem: '' })
  if (isRunning) return
  const isMine = (layer: UiLayer): layer is Form =>
    layer.kind === 'form' && layer.purpose.input === top.purpose.input
  void outcomeOf(link, input).then((outcome) => {
    setTrial(store, (layer) => isMine(layer) && layer.trial?.of === of, { of, ...outcome })
    const now = store.getState().ui.layers.find(isMine)
    if (now?.trial === undefined || now.trial.of === of || now.trial.found !== null) return
    setTrial(store, (layer) => layer === now, undefined)
    simulateForm({ store, link })
  })
}

function setTrial(
  store: ConsoleStore,
  find: (layer: UiLayer) => boolean,
  trial: Form['trial'] | undefined,
): void {
  changeLayer(store, find, (layer) => {
    const { trial: _, ...rest } = layer as Form
    return trial === undefined ? rest : { ...rest, trial }
  })
}

async function outcomeOf(
  link: Link,
  input: SimulationInput,
): Promise<{ found: Simulation | null; problem: string }> {
  try {
    return { found: await simulate(link, input), problem: '' }
  } catch (thrown) {
    return { found: null, problem: asFault(thrown).message }
  }
}

/** The rule that a form would make, if any. */
function simulationInput({ purpose, fields }: Form): SimulationInput | undefined {
  if (purpose.kind !== 'more' && purpose.kind !== 'never') return undefined
  const values = Object.fromEntries(askedFields(fields).map((f) => [f.key, f.edit.text]))
  if (values['width'] === undefined) return undefined
  const chosen = (key: string): string => purpose.values?.[values[key] ?? ''] ?? ''
  return {
    what: String(purpose.input['id']),
    width: chosen('width'),
    scope: chosen('scope'),
    ask: purpose.kind === 'never',
  }
}
