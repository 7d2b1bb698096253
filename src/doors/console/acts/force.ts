import { Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import type { Face } from '../../../commands/face.ts'
import type { Agent } from '../../../domain/agents/types.ts'
import type { Drift } from '../../../domain/templates/types.ts'
import type { Offer } from '../keys/resolve.ts'
import { holdKeys, pushLayer } from '../store/store.ts'
import type { Bridge } from './bridge.ts'

/** Whether this can be done in spite of what speaks against it: then the operator is shown what that is, and asked. */
export function forceable({ face, subject }: Pick<Offer, 'face' | 'subject'>): boolean {
  return subject?.noun === 'agent' && face.force?.if(subject.row as Agent) === true
}

export function askForced(
  bridge: Bridge,
  { face, subject }: Pick<Offer, 'face' | 'subject'>,
): void {
  const agent = subject?.row as Agent
  if (face.force?.ask === 'relock') askRelock(bridge, face, agent.name, agent.drift)
  else {
    pushLayer(bridge.store, {
      kind: 'typed',
      title: `${face.title} ${agent.name}?`,
      lines: [
        'It is running: it will be stopped first, and what it had asked is denied.',
        face.help,
      ],
      word: agent.name,
      edit: { text: '', caret: 0 },
      act: { actId: face.id, inputs: [{ agent: agent.name, force: true }] },
    })
  }
}

/** Shows what drifted and offers to lock and sign it anew, by a key of its own. */
function askRelock({ store }: Bridge, face: Face, agent: string, drift: readonly Drift[]): void {
  pushLayer(store, {
    kind: 'confirm',
    danger: true,
    yes: 'f',
    title: `Start ${agent} with force?`,
    right: '⚠ drifted',
    lines: [
      'It is not what was locked and signed:',
      ...(drift.length === 0
        ? ['it drifted from its lock']
        : drift.slice(0, 6).flatMap((d) => [`${d.what}: was ${short(d.from)}, is ${short(d.to)}`])),
      '',
      'With force, what is there now is locked and signed anew in your name, and started. If you did not change it, look first: v shows the drift, i everything.',
    ],
    act: { actId: face.id, inputs: [{ agent, force: true }] },
  })
}

/** After a start was refused: when it was for drift, the same offer, with what is found now. */
export async function offerForce(
  bridge: Bridge,
  face: Face,
  input: Record<string, unknown>,
  thrown: unknown,
): Promise<void> {
  if (
    !(thrown instanceof Fault) ||
    thrown.code !== 'drift' ||
    face.force?.ask !== 'relock' ||
    bridge.store.getState().ui.layers.length > 0
  )
    return
  const agent = String(input['agent'])
  const { drift } = (await bridge.link.do('policy.validate', { agent })) as { drift: Drift[] }
  if (bridge.store.getState().ui.layers.length > 0) return
  holdKeys(bridge.store)
  askRelock(bridge, face, agent, drift)
}

function short(text: string): string {
  const said = plain(text, 200)
  return said === '' ? 'nothing' : said.length > 28 ? `${said.slice(0, 26)}…` : said
}
