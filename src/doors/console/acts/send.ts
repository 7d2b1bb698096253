import { asFault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { Face, SubjectKind } from '../../../commands/face.ts'
import { findFace } from '../../../commands/registry.ts'
import type { PairingOffer } from '../../../domain/operators/pairing/types.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import { ruleAbout } from '../../text/rules.ts'
import type { LayerOf, PendingAct, TextLine, UiLayer } from '../store/layer.ts'
import { policyPaneRow } from '../store/rows.ts'
import { changeLayer, pushLayer, setUi, toast, toastFault } from '../store/store.ts'
import { tableOf } from '../store/world.ts'
import { answerLines } from '../views/answers.ts'
import type { ConsoleContext } from './context.ts'
import { offerForce } from './force.ts'
import { showOffer } from './show-offer.ts'
import { confirmationFault, reviewFault } from './review.ts'

/**
 * Sends an act. True if it was done; a fault is shown. What has to be confirmed first is asked, and
 * then sent as `pending` says.
 */
export async function send(
  context: ConsoleContext,
  face: Face,
  input: Record<string, unknown>,
  pending: Omit<PendingAct, 'actId' | 'inputs'> = {},
): Promise<boolean> {
  const { store, link } = context
  const agent = face.about === 'agent' ? String(input['agent'] ?? '') : ''
  const name = subjectName(context, face, input)
  if (agent !== '')
    setUi(store, (ui) => ({ busy: { ...ui.busy, [agent]: face.busy ?? face.title } }))
  try {
    const answer = await link.do(face.id, input)
    if (face.inConsole === 'pair') showOffer(context, answer as PairingOffer)
    else toast(store, `${face.title}${name}: done`, 'good')
    return true
  } catch (thrown) {
    const fault = confirmationFault(thrown)
    if (fault !== undefined) {
      reviewFault(context, `${face.title}?`, fault, { actId: face.id, inputs: [input], ...pending })
      return false
    }
    void offerForce(context, face, { input, thrown }).catch(() => undefined)
    toastFault(store, thrown, `${face.title}${name}: `)
    return false
  } finally {
    if (agent !== '')
      setUi(store, (ui) => {
        const { [agent]: _, ...rest } = ui.busy
        return { busy: rest }
      })
  }
}

/** What an act is about, as the screen calls it. */
function subjectName(
  { store }: ConsoleContext,
  face: Face,
  input: Record<string, unknown>,
): string {
  const id = String(input[face.subjectKey ?? 'agent'] ?? '')
  const { world } = store.getState()
  if (face.about === 'rule') {
    const rule = policyPaneRow(world, `rule:${id}`)
    if (rule !== undefined) return ` “${ruleAbout(rule.row as RuleRow)}”`
  }
  const approval = face.about === 'approval' ? tableOf(world, 'approval').get(id) : undefined
  if (approval !== undefined) return ` ${plain(`${approval.agent} ${approval.action.target}`, 80)}`
  if (face.about === 'shell') return ` of ${tableOf(world, 'shell').get(id)?.agent ?? id}`
  return id === '' ? '' : ` ${plain(id, 80)}`
}

const MAX_STREAM_ITEMS = 2000
const STREAM_TIMEOUT_MS = 600_000

/** Asks a question and shows the answer as text. */
export async function showAnswer(
  context: ConsoleContext,
  face: Face,
  input: Record<string, unknown>,
  noun: SubjectKind = face.about,
): Promise<void> {
  const { store, link } = context
  const subject = face.subjectKey === undefined ? undefined : String(input[face.subjectKey] ?? '')
  const title = `${face.title}${subject === undefined ? '' : ` · ${plain(subject, 60)}`}`
  pushLayer(store, {
    kind: 'text',
    title,
    lines: [],
    scroll: 0,
    loading: true,
    about: subject === undefined ? null : { noun, id: subject },
  })
  const isMine = (l: UiLayer): boolean => l.kind === 'text' && l.title === title
  const show = (lines: TextLine[]): void =>
    changeLayer(store, isMine, (l) => ({ ...(l as LayerOf<'text'>), loading: false, lines }))
  try {
    const answer =
      face.act?.stream === true
        ? await collect(context, face, input)
        : await link.do(face.id, input)
    show(answerLines(face.answer, answer))
  } catch (thrown) {
    show(faultLines(thrown))
  }
}

function faultLines(thrown: unknown): TextLine[] {
  const { message, hint } = asFault(thrown)
  return [
    { tone: 'dim', text: '' },
    { tone: 'bad', text: `✕ ${message}` },
    ...(hint === undefined ? [] : [{ tone: 'dim' as const, text: hint }]),
  ]
}

/** Shows how a decision was made, or why a rule has its status. */
export function showWhy(context: ConsoleContext, noun: 'approval' | 'rule', id: string): void {
  const face = findFace('rule.why')
  if (face !== undefined) void showAnswer(context, face, { id }, noun)
}

async function collect(
  { link }: ConsoleContext,
  face: Face,
  input: Record<string, unknown>,
): Promise<unknown[]> {
  const items: unknown[] = []
  for await (const item of link.stream(face.id, input, AbortSignal.timeout(STREAM_TIMEOUT_MS)))
    if (items.push(item) >= MAX_STREAM_ITEMS) break
  return items
}
