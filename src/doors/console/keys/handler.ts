import type { Bridge } from '../acts/bridge.ts'
import { forceable } from '../acts/force.ts'
import { submit } from '../acts/forms.ts'
import { focusNumber } from '../acts/move.ts'
import { runInputs, runOffer } from '../acts/run.ts'
import { confirmUnit } from '../acts/rules.ts'
import { tryForm } from '../acts/simulate.ts'
import { askedFields, type Layer } from '../store/layer.ts'
import { changeTop, holdKeys, popLayer, setUi, toast } from '../store/store.ts'
import { isPane } from '../store/ui.ts'
import { edit, typed, type Edit } from '../text/edit.ts'
import { paletteOffers } from '../overlays/palette.ts'
import { takesSecondKey } from '../views/preview.ts'
import type { Key } from './parse.ts'
import { resolve } from './resolve.ts'

/** Presses the keys of one lump. What came in the same breath as the key that opened a grave question is no answer to it. */
export function pressAll(bridge: Bridge, keys: readonly Key[]): void {
  for (const key of keys) {
    if (tooEarly(bridge) || isAbsorbed(bridge, key)) continue
    const before = isGrave(bridge)
    press(bridge, key)
    if (!before && isGrave(bridge)) return
  }
}

/** Whether the focus has just changed by itself, so that this key was meant for what was there before. It begins the wait anew. */
function tooEarly({ store, now }: Bridge): boolean {
  if (now() >= store.getState().ui.keysFrom) return false
  holdKeys(store)
  toast(store, 'Keys were dropped: what they were meant for had just gone. Press again.', 'warn')
  return true
}

/** A pane whose shell is not there (yet, or any more) keeps the keys that were meant for the shell, until it is closed on purpose. */
function isAbsorbed({ store, terminals }: Bridge, key: Key): boolean {
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
      ? `The shell of ${tile.agent} has ended: nothing was typed. ⏎ or Esc closes its pane.`
      : `The shell of ${tile.agent} is still opening: nothing was typed.`,
    'warn',
  )
  if (ended) holdKeys(store)
  return true
}

function isGrave({ store }: Bridge): boolean {
  const top = store.getState().ui.layers.at(-1)
  return (top?.kind === 'confirm' && top.danger) || (top?.kind === 'preview' && top.act !== null)
}

/** `'pass'` leaves a key to the registry. */
type LayerKeys = {
  [K in Layer['kind']]?: (
    bridge: Bridge,
    layer: Extract<Layer, { kind: K }>,
    key: Key,
  ) => void | 'pass'
}

/** What a key means: what lies on top hears a key first, then the registry says what it means here. */
function press(bridge: Bridge, key: Key): void {
  if (key.name === 'ctrl-c') {
    bridge.quit()
    return
  }
  const top = bridge.store.getState().ui.layers.at(-1)
  const own =
    top === undefined
      ? undefined
      : (LAYERS[top.kind] as
          | ((bridge: Bridge, layer: Layer, key: Key) => void | 'pass')
          | undefined)
  if (top !== undefined && own !== undefined && own(bridge, top, key) !== 'pass') return
  if (key.name === 'paste') {
    toast(bridge.store, 'Pasted text is never a command. Press : to type one.', 'info')
    return
  }
  if (/^[1-9]$/.test(key.name)) {
    focusNumber(bridge, Number(key.name))
    return
  }
  if (key.name === 'q' && top !== undefined) {
    popLayer(bridge.store)
    return
  }
  const offer = resolve(bridge.store.getState(), key.name)
  if (offer !== undefined) runOffer(bridge, offer)
}

const LAYERS: LayerKeys = {
  confirm: (bridge, layer, key) => {
    if (key.name === layer.yes || (key.name === 'enter' && !layer.danger)) {
      popLayer(bridge.store)
      runInputs(bridge, layer.act)
    } else if (key.name === 'esc' || key.name === 'n' || key.name === 'q') popLayer(bridge.store)
    else if (layer.danger && (key.name === 'y' || key.name === 'enter'))
      toast(bridge.store, `This takes another key: ${layer.yes} means yes, Esc means no.`, 'warn')
  },
  typed: (bridge, layer, key) => {
    if (key.name === 'esc') popLayer(bridge.store)
    else if (key.name === 'enter') {
      if (layer.edit.text === layer.word) {
        popLayer(bridge.store)
        runInputs(bridge, layer.act)
      } else toast(bridge.store, `Type ${layer.word} to confirm, or Esc.`, 'warn')
    } else if (key.name !== 'paste')
      edited(layer.edit, key, (line) =>
        changeTop(bridge.store, 'typed', (l) => ({ ...l, edit: line })),
      )
  },
  preview: (bridge, layer, key) => {
    const yes = takesSecondKey(layer) ? 'a' : 'y'
    if (layer.act !== null && layer.unit !== undefined && key.name === 'P') {
      confirmUnit(bridge, layer.unit)
      return undefined
    }
    if (layer.act === null || !PREVIEW_KEYS.has(key.name)) return 'pass'
    if (layer.found === null && layer.problem === '')
      toast(bridge.store, 'Not yet: what was recorded is still being replayed.', 'info')
    else if (key.name === yes) {
      popLayer(bridge.store)
      runInputs(bridge, layer.act)
    } else
      toast(
        bridge.store,
        `This takes another key: ${yes} means yes, Esc leaves it as it is.`,
        'warn',
      )
    return undefined
  },
  palette: paletteKey,
  filter: filterKey,
  form: formKey,
  wizard: (bridge, _layer, key) => {
    if (key.name === 'esc' || key.name === 'q') popLayer(bridge.store)
    else bridge.pass(WIZARD_KEYS[key.name] ?? key.text)
  },
}

/** Keys that could be meant as a yes. */
const PREVIEW_KEYS = new Set(['y', 'a', 'enter'])

const WIZARD_KEYS: Record<string, string> = { up: '\u001b[A', down: '\u001b[B', enter: '\r' }

function edited(line: Edit, key: Key, change: (line: Edit) => void): void {
  const next = typed(line, key)
  if (next !== undefined) change(next)
}

function paletteKey(bridge: Bridge, layer: Extract<Layer, { kind: 'palette' }>, key: Key): void {
  const { store } = bridge
  const found = paletteOffers(store.getState(), layer.edit.text)
  const at = Math.min(layer.cursor, found.length - 1)
  const to = (cursor: number): void =>
    changeTop(store, 'palette', (l) => ({
      ...l,
      cursor: Math.max(0, Math.min(found.length - 1, cursor)),
    }))
  const step: Record<string, number> = {
    up: -1,
    'ctrl-p': -1,
    down: 1,
    'ctrl-n': 1,
    tab: 1,
    'shift-tab': -1,
    pageup: -10,
    pagedown: 10,
  }
  if (key.name === 'esc') popLayer(store)
  else if (step[key.name] !== undefined) to(at + (step[key.name] ?? 0))
  else if (key.name === 'enter') {
    const offer = found[at]
    if (offer === undefined) return
    if (offer.why !== undefined && !forceable(offer)) {
      toast(store, `${offer.face.title}: ${offer.why}`, 'warn')
      return
    }
    popLayer(store)
    setUi(store, (ui) => ({
      history: [offer.face.id, ...ui.history.filter((id) => id !== offer.face.id)].slice(0, 20),
    }))
    runOffer(bridge, offer)
  } else
    edited(layer.edit, key, (line) =>
      changeTop(store, 'palette', (l) => ({ ...l, edit: line, cursor: 0 })),
    )
}

function filterKey({ store }: Bridge, layer: Extract<Layer, { kind: 'filter' }>, key: Key): void {
  const show = (text: string): void =>
    setUi(store, (ui) => {
      if (layer.pane === 'logs')
        return { layers: ui.layers.map((l) => (l.kind === 'logs' ? { ...l, filter: text } : l)) }
      if (!isPane(layer.pane)) return {}
      return { filter: { ...ui.filter, [layer.pane]: text } }
    })
  if (key.name === 'enter') popLayer(store)
  else if (key.name === 'esc') {
    popLayer(store)
    show('')
  } else
    edited(layer.edit, key, (line) => {
      changeTop(store, 'filter', (l) => ({ ...l, edit: line }))
      show(line.text)
    })
}

function formKey(bridge: Bridge, layer: Extract<Layer, { kind: 'form' }>, key: Key): void {
  const { store } = bridge
  const fields = askedFields(layer.fields)
  const go = (at: number): void =>
    changeTop(store, 'form', (l) => ({ ...l, at: (at + fields.length) % fields.length }))
  const field = fields[layer.at]
  if (key.name === 'esc') popLayer(store)
  else if (key.name === 'enter') submit(bridge)
  else if (key.name === 'tab' || key.name === 'down') go(layer.at + 1)
  else if (key.name === 'shift-tab' || key.name === 'up') go(layer.at - 1)
  else if (field !== undefined) {
    const next =
      field.choices === undefined
        ? typed(field.edit, key)
        : choice(field.choices, field.edit.text, key)
    if (next === undefined) return
    changeTop(store, 'form', (l) => ({
      ...l,
      problem: '',
      fields: l.fields.map((f) => (f === field ? { ...f, edit: next } : f)),
    }))
    tryForm(bridge)
  }
}

function choice(choices: readonly string[], now: string, key: Key): Edit | undefined {
  const at = choices.indexOf(now)
  if (key.name === 'right' || key.name === 'space' || key.name === 'l')
    return edit(choices[(at + 1) % choices.length] ?? now)
  if (key.name === 'left' || key.name === 'h')
    return edit(choices[(at - 1 + choices.length) % choices.length] ?? now)
  const named = choices.find((c) => c.startsWith(key.name))
  return named === undefined ? undefined : edit(named)
}
