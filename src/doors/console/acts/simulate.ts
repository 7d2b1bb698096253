import { asFault } from '../../../base/fault.ts'
import type { Link } from '../../operator/link.ts'
import { askedFields, type Layer } from '../store/layer.ts'
import { changeLayer } from '../store/store.ts'
import type { Bridge } from './bridge.ts'
import type { Simulation } from '../../../domain/rules/trials/types.ts'

/** What `rule.simulate` takes: a rule and an act, or a question and the rule that it could make. */
export type Trial =
  | { what: string; act?: 'confirm' | 'suspend' | 'archive' }
  | { what: string; width: string; scope: string; ask: boolean }

/** What a change of rules would have changed of the recorded past. */
export async function simulate(link: Link, trial: Trial): Promise<Simulation> {
  return (await link.do('rule.simulate', trial)) as Simulation
}

type Form = Extract<Layer, { kind: 'form' }>

/** What the rule of a form would have changed, asked again whenever its answers change; one question at a time. */
export function tryForm({ store, link }: Pick<Bridge, 'store' | 'link'>): void {
  const top = store.getState().ui.layers.at(-1)
  if (top?.kind !== 'form') return
  const trial = trialOf(top)
  const of = trial === undefined ? '' : JSON.stringify(trial)
  if (trial === undefined || top.trial?.of === of) return
  const here = (layer: Layer): boolean =>
    layer.kind === 'form' && layer.purpose.input === top.purpose.input && layer.trial?.of === of
  const put = (part: { found: Simulation | null; problem: string }): void =>
    changeLayer(store, here, (layer) => ({ ...(layer as Form), trial: { of, ...part } }))
  const waits = top.trial !== undefined && top.trial.found === null && top.trial.problem === ''
  changeLayer(
    store,
    (layer) => layer === top,
    (layer) => ({ ...(layer as Form), trial: { of, found: null, problem: '' } }),
  )
  if (waits) return
  void ask(link, trial).then((answer) => {
    put(answer)
    // Meanwhile something else may have been chosen.
    const now = store
      .getState()
      .ui.layers.find(
        (layer): layer is Form =>
          layer.kind === 'form' && layer.purpose.input === top.purpose.input,
      )
    if (now?.trial !== undefined && now.trial.of !== of && now.trial.found === null) {
      changeLayer(
        store,
        (layer) => layer === now,
        ({ ...layer }) => {
          delete (layer as Form).trial
          return layer
        },
      )
      tryForm({ store, link })
    }
  })
}

async function ask(
  link: Link,
  trial: Trial,
): Promise<{ found: Simulation | null; problem: string }> {
  try {
    return { found: await simulate(link, trial), problem: '' }
  } catch (thrown) {
    return { found: null, problem: asFault(thrown).message }
  }
}

/** The rule that a form would make, if it would make one. */
function trialOf({ purpose, fields }: Form): Trial | undefined {
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
