import type { ConsoleContext } from '../acts/context.ts'
import { focusNumber } from '../acts/move.ts'
import { runOffer } from '../acts/run.ts'
import { holdKeys, popLayer, setUi, toast } from '../store/store.ts'
import { pressOnLayer } from './layer-keys.ts'
import type { Key } from './parse.ts'
import { resolve, type Offer } from './resolve.ts'

/**
 * Presses keys that arrived together. Keys after one that opened a serious question are dropped:
 * they cannot answer it.
 */
export function pressAll(context: ConsoleContext, keys: readonly Key[]): void {
  for (const key of keys) {
    if (isTooEarly(context) || isForShell(context, key)) continue
    const before = isSeriousQuestion(context)
    press(context, key)
    if (!before && isSeriousQuestion(context)) return
  }
}

/** A key that is pressed again in this time was pressed twice. */
const TWICE_MS = 800

/** What a key does that is pressed twice, as `!!`; undefined if it was not. */
function pressedTwice({ store, now }: ConsoleContext, key: string): Offer | undefined {
  const offer = resolve(store.getState(), key + key)
  if (offer === undefined) return undefined
  const at = now()
  const before = store.getState().ui.pressedOnce
  const isSecond = before?.key === key && at - before.at < TWICE_MS
  setUi(store, { pressedOnce: isSecond ? null : { key, at } })
  return isSecond ? offer : undefined
}

/** Whether the focus has just changed by itself. Such a key starts the wait again. */
function isTooEarly({ store, now }: ConsoleContext): boolean {
  if (now() >= store.getState().ui.keysFrom) return false
  holdKeys(store)
  toast(store, 'Keys ignored: the screen had just changed. Press again.', 'warn')
  return true
}

/** A focused pane whose shell is not open yet, or has ended, takes the keys meant for the shell. */
function isForShell({ store, terminals }: ConsoleContext, key: Key): boolean {
  const { ui } = store.getState()
  const tile = ui.layers.length > 0 ? undefined : ui.tiles.find((t) => t.id === ui.focus)
  if (tile === undefined || tile.state === 'open') return false
  const ended = tile.state === 'ended'
  if (key.name === 'esc' || (ended && key.name === 'enter')) {
    terminals.close(tile.id)
    if (key.name === 'enter') holdKeys(store)
    return true
  }
  toast(
    store,
    ended
      ? `Keys ignored: the shell of ${tile.agent} has ended. Press ⏎ or Esc to close its pane.`
      : `Keys ignored: the shell of ${tile.agent} is still opening.`,
    'warn',
  )
  if (ended) holdKeys(store)
  return true
}

function isSeriousQuestion({ store }: ConsoleContext): boolean {
  const top = store.getState().ui.layers.at(-1)
  if (top?.kind === 'confirm') return top.danger
  return top?.kind === 'review' || (top?.kind === 'preview' && top.act !== null)
}

/** The top layer gets a key first, then the face that has it. */
function press(context: ConsoleContext, key: Key): void {
  if (key.name === 'ctrl-c') {
    context.quit()
    return
  }
  const top = context.store.getState().ui.layers.at(-1)
  if (top !== undefined && pressOnLayer(context, top, key) === 'taken') return
  if (key.name === 'paste')
    toast(context.store, 'Pasted text is not run as a command. Press : to type one.', 'info')
  else if (/^[1-9]$/.test(key.name)) focusNumber(context, Number(key.name))
  else if (key.name === 'q' && top !== undefined) popLayer(context.store)
  else {
    const offer = pressedTwice(context, key.name) ?? resolve(context.store.getState(), key.name)
    if (offer !== undefined) runOffer(context, offer)
  }
}
