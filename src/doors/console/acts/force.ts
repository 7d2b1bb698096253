import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { Face } from '../../../commands/face.ts'
import type { Agent } from '../../../domain/agents/types.ts'
import type { Drift } from '../../../domain/templates/types.ts'
import type { Offer } from '../keys/resolve.ts'
import { holdKeys, pushLayer } from '../store/store.ts'
import type { ConsoleContext } from './context.ts'

/** Whether this is possible with force: the operator is shown what is wrong, and asked. */
export function forceable({ face, subject }: Pick<Offer, 'face' | 'subject'>): boolean {
  return subject?.noun === 'agent' && face.force?.if(subject.row as Agent) === true
}

export function askForced(
  context: ConsoleContext,
  { face, subject }: Pick<Offer, 'face' | 'subject'>,
): void {
  if (subject === undefined) return
  const { name, drift } = subject.row as Agent
  if (face.force?.ask === 'relock') askRelock(context, face, { agent: name, drift })
  else
    pushLayer(context.store, {
      kind: 'typed',
      title: `${face.title} ${name}?`,
      lines: [
        'It is running. It will be stopped first, and its waiting approvals are denied.',
        face.help,
      ],
      word: name,
      edit: { text: '', caret: 0 },
      act: { actId: face.id, inputs: [{ agent: name, force: true }] },
    })
}

/** Shows what drifted and offers to lock and sign it again, with a key of its own. */
function askRelock(
  { store }: ConsoleContext,
  face: Face,
  { agent, drift }: { agent: string; drift: readonly Drift[] },
): void {
  pushLayer(store, {
    kind: 'confirm',
    danger: true,
    yes: 'f',
    title: `Start ${agent} with force?`,
    right: '⚠ drifted',
    lines: [
      'It differs from its lock:',
      ...(drift.length === 0 ? ['The difference is not known.'] : drift.slice(0, 6).map(driftLine)),
      '',
      'Force locks and signs what is there now in your name, and starts it. If you did not change it, look first: v shows the drift, i everything.',
    ],
    act: { actId: face.id, inputs: [{ agent, force: true }] },
  })
}

function driftLine({ what, from, to }: Drift): string {
  return `${what}: was ${shortValue(from)}, is ${shortValue(to)}`
}

/** After a start was refused because of drift: offers force, with the drift as it is now. */
export async function offerForce(
  context: ConsoleContext,
  face: Face,
  { input, thrown }: { input: Record<string, unknown>; thrown: unknown },
): Promise<void> {
  const isDrift = thrown instanceof Fault && thrown.code === 'drift'
  const isCovered = (): boolean => context.store.getState().ui.layers.length > 0
  if (!isDrift || face.force?.ask !== 'relock' || isCovered()) return
  const agent = String(input['agent'])
  const { drift } = (await context.link.do('policy.validate', { agent })) as { drift: Drift[] }
  if (isCovered()) return
  holdKeys(context.store)
  askRelock(context, face, { agent, drift })
}

function shortValue(value: string): string {
  const text = plain(value, 200)
  if (text === '') return 'nothing'
  return text.length > 28 ? `${text.slice(0, 26)}…` : text
}
