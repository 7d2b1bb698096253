import { asFault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { Face } from '../../../commands/face.ts'
import type { SubjectKind } from '../../../commands/subject.ts'
import { findFace } from '../../../commands/registry.ts'
import type { LayerOf, TextLine, UiLayer } from '../store/layer.ts'
import { changeLayer, pushLayer } from '../store/store.ts'
import { answerLines } from '../views/answers.ts'
import { textLine } from '../views/lines.ts'
import type { ConsoleContext } from './context.ts'
import { keepAsking } from './keep-asking.ts'
import { openList, type ListFace } from './list.ts'

const MAX_STREAM_ITEMS = 2000
const STREAM_TIMEOUT_MS = 600_000

/** Asks a question and shows the answer: as a live list, or as a page. */
export function openAnswer(
  context: ConsoleContext,
  face: Face,
  input: Record<string, unknown>,
  noun: SubjectKind = face.about,
): void {
  if (face.list !== undefined) openList(context, face as ListFace, { input })
  else openTextPage(context, face, { input, noun })
}

/** Shows an answer as text, and again whenever it may have changed. */
function openTextPage(
  context: ConsoleContext,
  face: Face,
  { input, noun }: { input: Record<string, unknown>; noun: SubjectKind },
): void {
  const { store } = context
  const subject = face.subjectKey === undefined ? undefined : String(input[face.subjectKey] ?? '')
  const title = `${face.title}${subject === undefined ? '' : ` · ${plain(subject, 60)}`}`
  const about = subject === undefined ? null : { noun, id: subject }
  pushLayer(store, { kind: 'text', title, lines: [], scroll: 0, loading: true, about })
  const isMine = (layer: UiLayer): boolean => layer.kind === 'text' && layer.title === title
  const show = (loaded: Partial<LayerOf<'text'>>): void =>
    changeLayer(store, isMine, (layer) => {
      const { problem: _, ...page } = layer as LayerOf<'text'>
      return { ...page, loading: false, ...loaded }
    })
  const ask = async (): Promise<void> => {
    try {
      const answer = await answerOf(context, face, input)
      const row = face.rowOf?.(answer as never)
      show({
        lines: answerLines(face.answer, answer, context.now()),
        ...(row === undefined ? {} : { about: { noun, id: subject ?? '', row } }),
      })
    } catch (thrown) {
      const page = store.getState().ui.layers.find(isMine) as LayerOf<'text'> | undefined
      // What was there stays to be read.
      if (page === undefined || page.loading) show({ lines: faultLines(thrown) })
      else show({ problem: asFault(thrown).message })
    }
  }
  if (face.changedBy === undefined && face.changedAfter === undefined) void ask()
  else
    keepAsking(context, face, {
      isOpen: () => store.getState().ui.layers.some(isMine),
      next: (changed) => (changed ? ask : undefined),
    })
}

function faultLines(thrown: unknown): TextLine[] {
  const { message, hint } = asFault(thrown)
  return [
    textLine('dim', ''),
    textLine('bad', `✕ ${message}`),
    ...(hint === undefined ? [] : [textLine('dim', hint)]),
  ]
}

/** Shows how a decision was made, or why a rule has its status. */
export function showWhy(context: ConsoleContext, noun: SubjectKind, id: string): void {
  const face = findFace('rule.why')
  if (face !== undefined) openAnswer(context, face, { id }, noun)
}

async function answerOf(
  { link }: ConsoleContext,
  face: Face,
  input: Record<string, unknown>,
): Promise<unknown> {
  if (face.act?.stream !== true) return link.do(face.id, input)
  const items: unknown[] = []
  for await (const item of link.stream(face.id, input, AbortSignal.timeout(STREAM_TIMEOUT_MS)))
    if (items.push(item) >= MAX_STREAM_ITEMS) break
  return items
}
