import { asFault } from '../../../base/fault.ts'
import { count, plain } from '../../../base/text.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import { isPane } from '../store/ui.ts'
import { pushLayer, setUi, toast } from '../store/store.ts'
import { HIGH_RISK, whyText } from '../views/approvals.ts'
import type { Bridge } from './bridge.ts'
import { tableOf } from '../store/world.ts'

/** So long after the row under the cursor changed by itself, a key that decides is not believed, in milliseconds. */
export const SETTLE_MS = 150

/** Whether the operator cannot have meant the row that is under the cursor now. Says so. */
export function justShifted(bridge: Bridge): boolean {
  const { ui } = bridge.store.getState()
  if (ui.layers.length > 0 || !isPane(ui.focus) || bridge.now() - ui.shifted[ui.focus] >= SETTLE_MS)
    return false
  toast(
    bridge.store,
    'Nothing was decided: the row under the cursor had just changed by itself. Look, then press again.',
    'warn',
  )
  return true
}

/** Decides approvals. A yes to a high risk first asks for a second, different key. */
export function decide(
  bridge: Bridge,
  verb: 'allow' | 'deny',
  inputs: readonly Record<string, unknown>[],
  sure = false,
): void {
  const { world, ui } = bridge.store.getState()
  const asked = inputs.flatMap((input) => {
    const a = tableOf(world, 'approval').get(String(input['id']))
    return a === undefined || a.state !== 'pending' || ui.deciding[a.id] !== undefined
      ? []
      : [{ a, input }]
  })
  if (asked.length === 0) {
    toast(bridge.store, 'Nothing here waits for a decision.', 'warn')
    return
  }
  const high = asked.filter(({ a }) => a.risk.score >= HIGH_RISK).map(({ a }) => a)
  if (verb === 'allow' && high.length > 0 && !sure) {
    askAgain(
      bridge,
      high,
      asked.length,
      asked.map(({ input }) => input),
    )
    return
  }
  const at = bridge.now()
  setUi(bridge.store, (now) => ({
    deciding: {
      ...now.deciding,
      ...Object.fromEntries(asked.map(({ a }) => [a.id, { verb, at }])),
    },
    marks: { ...now.marks, approvals: [] },
  }))
  for (const { a, input } of asked) void send(bridge, verb, a, input)
}

function askAgain(
  bridge: Bridge,
  high: readonly Approval[],
  total: number,
  inputs: readonly Record<string, unknown>[],
): void {
  const first = high[0] as Approval
  pushLayer(bridge.store, {
    kind: 'confirm',
    danger: true,
    yes: 'a',
    title:
      total === 1
        ? `Allow at risk ${first.risk.score}?`
        : `Allow ${total}, ${count(high.length, 'of high risk', 'of high risk')}?`,
    lines: high
      .slice(0, 4)
      .flatMap((a) => [
        `${a.agent}: ${plain(a.action.type)} ${plain(a.action.target, 300)}`,
        `   ${whyText(a)}`,
      ]),
    act: { actId: 'approval.allow', inputs },
  })
}

async function send(
  bridge: Bridge,
  verb: 'allow' | 'deny',
  a: Approval,
  input: Record<string, unknown>,
): Promise<void> {
  try {
    await bridge.link.do(`approval.${verb}`, input)
    toast(
      bridge.store,
      `${verb === 'allow' ? 'Allowed' : 'Denied'}: ${a.agent} ${plain(a.action.target, 80)}`,
      verb === 'allow' ? 'good' : 'info',
    )
  } catch (thrown) {
    const fault = asFault(thrown)
    setUi(bridge.store, (ui) => {
      const { [a.id]: _, ...rest } = ui.deciding
      return { deciding: rest }
    })
    toast(
      bridge.store,
      `Not decided: ${fault.message}${fault.hint === undefined ? '' : ` ${fault.hint}`}`,
      'bad',
    )
  }
}
