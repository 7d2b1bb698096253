import { plain } from '../../../base/text.ts'
import type { Face } from '../../../commands/face.ts'
import type { PairingOffer } from '../../../domain/operators/pairing/types.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import { ruleAbout } from '../../text/rules.ts'
import type { PendingAct } from '../store/layer.ts'
import { policyPaneRow } from '../store/rows.ts'
import { setUi, toast, toastFault } from '../store/store.ts'
import { tableOf } from '../store/world.ts'
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
