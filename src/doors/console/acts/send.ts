import { asFault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { SubjectKind, Face } from '../../../commands/face.ts'
import { findFace } from '../../../commands/registry.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import { ruleAbout } from '../../text/rules.ts'
import { ruled } from '../store/select.ts'
import { tableOf } from '../store/world.ts'
import type { Layer } from '../store/layer.ts'
import { changeLayer, pushLayer, setUi, toast } from '../store/store.ts'
import { answerLines } from './answers.ts'
import type { Bridge } from './bridge.ts'
import { offerForce } from './force.ts'

/** Sends one act. True when it was done; a fault becomes a toast. */
export async function send(
  bridge: Bridge,
  face: Face,
  input: Record<string, unknown>,
): Promise<boolean> {
  const agent = face.about === 'agent' ? String(input['agent'] ?? '') : ''
  const name = subjectName(bridge, face, input)
  if (agent !== '')
    setUi(bridge.store, (ui) => ({ busy: { ...ui.busy, [agent]: face.busy ?? face.title } }))
  try {
    await bridge.link.do(face.id, input)
    toast(bridge.store, `${face.title}${name}: done`, 'good')
    return true
  } catch (thrown) {
    const fault = asFault(thrown)
    void offerForce(bridge, face, input, thrown).catch(() => undefined)
    toast(
      bridge.store,
      `${face.title}${name}: ${fault.message}${fault.hint === undefined ? '' : ` ${fault.hint}`}`,
      'bad',
    )
    return false
  } finally {
    if (agent !== '')
      setUi(bridge.store, (ui) => {
        const { [agent]: _, ...rest } = ui.busy
        return { busy: rest }
      })
  }
}

/** What an act is about, in the words that are on the screen. */
function subjectName({ store }: Bridge, face: Face, input: Record<string, unknown>): string {
  const id = String(input[face.subjectKey ?? 'agent'] ?? '')
  const { world } = store.getState()
  const approval = face.about === 'approval' ? tableOf(world, 'approval').get(id) : undefined
  const rule = face.about === 'rule' ? ruled(world, `rule:${id}`) : undefined
  if (rule !== undefined) return ` “${ruleAbout(rule.row as RuleRow)}”`
  const name =
    approval !== undefined
      ? `${approval.agent} ${approval.action.target}`
      : face.about === 'shell'
        ? `of ${tableOf(world, 'shell').get(id)?.agent ?? id}`
        : id
  return name === '' ? '' : ` ${plain(name, 80)}`
}

const STREAM_LINES = 2000

/** Asks a question and shows the answer as a text. */
export async function showAnswer(
  bridge: Bridge,
  face: Face,
  input: Record<string, unknown>,
  noun: SubjectKind = face.about,
): Promise<void> {
  const subject = face.subjectKey === undefined ? undefined : String(input[face.subjectKey] ?? '')
  const mine: Layer = {
    kind: 'text',
    title: `${face.title}${subject === undefined ? '' : ` · ${plain(subject, 60)}`}`,
    lines: [],
    scroll: 0,
    loading: true,
    about: subject === undefined ? null : { noun, id: subject },
  }
  const { title } = mine
  pushLayer(bridge.store, mine)
  const here = (l: Layer): boolean => l.kind === 'text' && l.title === title
  const change = (part: Partial<Extract<Layer, { kind: 'text' }>>): void =>
    changeLayer(bridge.store, here, (l) => ({ ...l, ...part }) as Layer)
  try {
    const answer =
      face.act?.stream === true
        ? await collect(bridge, face, input)
        : await bridge.link.do(face.id, input)
    change({ loading: false, lines: answerLines(face.answer, answer) })
  } catch (thrown) {
    const fault = asFault(thrown)
    change({
      loading: false,
      lines: [
        { tone: 'dim', text: '' },
        { tone: 'bad', text: `✕ ${fault.message}` },
        ...(fault.hint === undefined ? [] : [{ tone: 'dim' as const, text: fault.hint }]),
      ],
    })
  }
}

/** Shows how an answer came about, or why a rule is where it is. */
export function showWhy(bridge: Bridge, noun: 'approval' | 'rule', id: string): void {
  const face = findFace('rule.why')
  if (face !== undefined) void showAnswer(bridge, face, { id }, noun)
}

async function collect(
  bridge: Bridge,
  face: Face,
  input: Record<string, unknown>,
): Promise<unknown[]> {
  const items: unknown[] = []
  for await (const item of bridge.link.stream(face.id, input, AbortSignal.timeout(600_000)))
    if (items.push(item) >= STREAM_LINES) break
  return items
}
