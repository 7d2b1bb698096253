import type { ConsoleContext } from '../acts/context.ts'
import { forceable } from '../acts/force.ts'
import { submit } from '../acts/forms.ts'
import { confirmPlaybook } from '../acts/preview.ts'
import { runInputs, runOffer } from '../acts/run.ts'
import { simulateForm } from '../acts/simulate.ts'
import { paletteOffers } from '../overlays/palette.ts'
import {
  askedFields,
  needsSecondKey,
  type FormField,
  type LayerOf,
  type UiLayer,
} from '../store/layer.ts'
import { isRead } from '../store/reading.ts'
import { changeTop, popLayer, setUi, toast } from '../store/store.ts'
import { isPane } from '../store/ui.ts'
import { applyKey, edit, type Edit } from '../text/edit.ts'
import type { Key } from './parse.ts'
import type { Offer } from './resolve.ts'

type Handler<K extends UiLayer['kind']> = (
  context: ConsoleContext,
  layer: LayerOf<K>,
  key: Key,
) => void | 'passed'

/** Gives a key to a layer. What is passed is left to the faces. */
export function pressOnLayer(
  context: ConsoleContext,
  layer: UiLayer,
  key: Key,
): 'taken' | 'passed' {
  const handler = HANDLERS[layer.kind] as Handler<UiLayer['kind']> | undefined
  if (handler === undefined) return 'passed'
  return handler(context, layer, key) ?? 'taken'
}

const HANDLERS: { [K in UiLayer['kind']]?: Handler<K> } = {
  confirm: confirmKey,
  typed: typedKey,
  preview: previewKey,
  review: reviewKey,
  palette: paletteKey,
  filter: filterKey,
  form: formKey,
  wizard: (context, _layer, key) => {
    if (key.name === 'esc' || key.name === 'q') popLayer(context.store)
    else context.pass(WIZARD_KEYS[key.name] ?? key.text)
  },
}

/** What the list of templates reads, by key. */
const WIZARD_KEYS: Record<string, string> = { up: '\u001b[A', down: '\u001b[B', enter: '\r' }

function confirmKey(context: ConsoleContext, layer: LayerOf<'confirm'>, key: Key): void {
  if (key.name === layer.yes || (key.name === 'enter' && !layer.danger)) {
    popLayer(context.store)
    runInputs(context, layer.act)
  } else if (key.name === 'esc' || key.name === 'n' || key.name === 'q') popLayer(context.store)
  else if (layer.danger && (key.name === 'y' || key.name === 'enter')) nameKeys(context, layer.yes)
}

/** Says which key confirms, after one that confirms elsewhere. */
function nameKeys({ store }: ConsoleContext, yes: string): void {
  toast(store, `Press ${yes} to confirm, or Esc to cancel.`, 'warn')
}

function typedKey(context: ConsoleContext, layer: LayerOf<'typed'>, key: Key): void {
  if (key.name === 'esc') popLayer(context.store)
  else if (key.name === 'enter' && layer.edit.text === layer.word) {
    popLayer(context.store)
    runInputs(context, layer.act)
  } else if (key.name === 'enter')
    toast(context.store, `Type ${layer.word} to confirm, or press Esc to cancel.`, 'warn')
  else if (key.name !== 'paste')
    editLine(layer.edit, key, (line) =>
      changeTop(context.store, 'typed', (l) => ({ ...l, edit: line })),
    )
}

/** Keys that could be meant as a confirmation. */
const YES_KEYS = new Set(['y', 'a', 'enter'])

function previewKey(context: ConsoleContext, layer: LayerOf<'preview'>, key: Key): void | 'passed' {
  const yes = needsSecondKey(layer) ? 'a' : 'y'
  if (layer.act !== null && layer.unit !== undefined && key.name === 'P') {
    confirmPlaybook(context, layer.unit)
    return undefined
  }
  if (layer.act === null || !YES_KEYS.has(key.name)) return 'passed'
  if (layer.found === null && layer.problem === '')
    toast(context.store, 'The past is still being replayed. Wait a moment.', 'info')
  else if (key.name === yes) {
    popLayer(context.store)
    runInputs(context, layer.act)
  } else nameKeys(context, yes)
  return undefined
}

/** Keys that could be meant as a confirmation of a review. */
const REVIEW_KEYS = new Set(['y', 'a', 'd', 'enter'])

function reviewKey(context: ConsoleContext, layer: LayerOf<'review'>, key: Key): void | 'passed' {
  const { store } = context
  if (key.name === 'esc' || key.name === 'n' || key.name === 'q') popLayer(store)
  else if (!REVIEW_KEYS.has(key.name)) return 'passed'
  else if (!isRead(store.getState().ui.readings, layer.id))
    toast(store, 'Nothing was decided: read to the end first. J reads on.', 'warn')
  else if (key.name === layer.key) {
    popLayer(store)
    runInputs(context, layer.act)
  } else nameKeys(context, layer.key)
  return undefined
}

function editLine(line: Edit, key: Key, change: (line: Edit) => void): void {
  const next = applyKey(line, key)
  if (next !== undefined) change(next)
}

const PALETTE_STEPS: Record<string, number> = {
  up: -1,
  'ctrl-p': -1,
  down: 1,
  'ctrl-n': 1,
  tab: 1,
  'shift-tab': -1,
  pageup: -10,
  pagedown: 10,
}

function paletteKey(context: ConsoleContext, layer: LayerOf<'palette'>, key: Key): void {
  const { store } = context
  const found = paletteOffers(store.getState(), layer.edit.text)
  const at = Math.min(layer.cursor, found.length - 1)
  const step = PALETTE_STEPS[key.name]
  if (key.name === 'esc') popLayer(store)
  else if (step !== undefined) {
    const cursor = Math.max(0, Math.min(found.length - 1, at + step))
    changeTop(store, 'palette', (l) => ({ ...l, cursor }))
  } else if (key.name !== 'enter')
    editLine(layer.edit, key, (line) =>
      changeTop(store, 'palette', (l) => ({ ...l, edit: line, cursor: 0 })),
    )
  else if (found[at] !== undefined) runFromPalette(context, found[at])
}

function runFromPalette(context: ConsoleContext, offer: Offer): void {
  const { store } = context
  const { id, title } = offer.face
  if (offer.why !== undefined && !forceable(offer)) {
    toast(store, `${title}: ${offer.why}`, 'warn')
    return
  }
  popLayer(store)
  setUi(store, (ui) => ({
    history: [id, ...ui.history.filter((other) => other !== id)].slice(0, 20),
  }))
  runOffer(context, offer)
}

function filterKey({ store }: ConsoleContext, layer: LayerOf<'filter'>, key: Key): void {
  const show = (text: string): void =>
    setUi(store, (ui) => {
      if (layer.pane === 'view') return { layers: filteredView(ui.layers, text) }
      if (!isPane(layer.pane)) return {}
      return { filter: { ...ui.filter, [layer.pane]: text } }
    })
  if (key.name === 'enter') popLayer(store)
  else if (key.name === 'esc') {
    popLayer(store)
    show('')
  } else
    editLine(layer.edit, key, (line) => {
      changeTop(store, 'filter', (l) => ({ ...l, edit: line }))
      show(line.text)
    })
}

/** The topmost view with a filter, with this one. */
function filteredView(layers: readonly UiLayer[], filter: string): UiLayer[] {
  const at = layers.findLastIndex((l) => 'filter' in l)
  return layers.map((l, i) => (i === at ? ({ ...l, filter } as UiLayer) : l))
}

function formKey(context: ConsoleContext, layer: LayerOf<'form'>, key: Key): void {
  const { store } = context
  const fields = askedFields(layer.fields)
  const go = (at: number): void =>
    changeTop(store, 'form', (l) => ({ ...l, at: (at + fields.length) % fields.length }))
  const field = fields[layer.at]
  if (key.name === 'esc') popLayer(store)
  else if (key.name === 'enter') submit(context)
  else if (key.name === 'tab' || key.name === 'down') go(layer.at + 1)
  else if (key.name === 'shift-tab' || key.name === 'up') go(layer.at - 1)
  else if (field !== undefined) changeField(context, field, key)
}

function changeField(context: ConsoleContext, field: FormField, key: Key): void {
  const next =
    field.choices === undefined
      ? applyKey(field.edit, key)
      : choose(field.choices, field.edit.text, key)
  if (next === undefined) return
  changeTop(context.store, 'form', (l) => ({
    ...l,
    problem: '',
    fields: l.fields.map((f) => (f === field ? { ...f, edit: next } : f)),
  }))
  simulateForm(context)
}

/** The choice after a key: the next, the previous, or the one that begins with this letter. */
function choose(choices: readonly string[], now: string, key: Key): Edit | undefined {
  const at = choices.indexOf(now)
  if (key.name === 'right' || key.name === 'space' || key.name === 'l')
    return edit(choices[(at + 1) % choices.length] ?? now)
  if (key.name === 'left' || key.name === 'h')
    return edit(choices[(at - 1 + choices.length) % choices.length] ?? now)
  const named = choices.find((c) => c.startsWith(key.name))
  return named === undefined ? undefined : edit(named)
}
