import { findFace } from '../../../commands/registry.ts'
import type { FormStep } from '../store/layer.ts'
import type { ConsoleStore } from '../store/state.ts'
import { changeTop, holdKeys, setUi, toast } from '../store/store.ts'
import { tableOf } from '../store/world.ts'
import type { ConsoleContext } from './context.ts'
import { send } from './send.ts'

/** Does the steps of the top form. If one fails, those before it stay done, and this is said. */
export function sendForm(context: ConsoleContext, first: FormStep): void {
  const { store } = context
  const layer = store.getState().ui.layers.at(-1)
  if (layer?.kind !== 'form') return
  changeTop(store, 'form', (l) => ({ ...l, busy: true, problem: '' }))
  void sendSteps(context, first).then((done) => {
    if (done === 0) {
      changeTop(store, 'form', (l) => ({ ...l, busy: false }))
      return
    }
    setUi(store, (ui) => ({
      layers: ui.layers.filter((l) => l.kind !== 'form' || l.purpose !== layer.purpose),
    }))
    if (first.actId === 'agent.create') goToAgent(store, String(first.input['agent']))
  })
}

/** The number of steps that were done. */
async function sendSteps(context: ConsoleContext, first: FormStep): Promise<number> {
  let done = 0
  for (let step: FormStep | undefined = first; step !== undefined; step = step.next) {
    const face = findFace(step.actId)
    const pending = done === 0 ? { next: step.next, form: true } : { next: step.next }
    if (face === undefined || !(await send(context, face, step.input, pending))) {
      if (done > 0)
        toast(context.store, 'The rule was created, but the approval was not decided.', 'warn')
      return done
    }
    done++
  }
  return done
}

/** Puts the cursor on an agent as soon as it is mirrored. */
function goToAgent(store: ConsoleStore, name: string): void {
  const isThere = (): boolean => tableOf(store.getState().world, 'agent').has(name)
  const go = (): void => {
    if (store.getState().ui.focus !== 'agents') holdKeys(store)
    setUi(store, (ui) => ({ focus: 'agents', cursor: { ...ui.cursor, agents: name } }))
  }
  if (isThere()) {
    go()
    return
  }
  // `go` changes the store, so the subscription ends first.
  const stop = store.subscribe(() => {
    if (isThere()) {
      stop()
      go()
    }
  })
}
