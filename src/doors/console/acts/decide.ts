import { count, plain } from '../../../base/text.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import { pushLayer, setUi, toast, toastFault } from '../store/store.ts'
import { isPane } from '../store/ui.ts'
import { tableOf } from '../store/world.ts'
import { whyText } from '../../text/approvals.ts'
import { HIGH_RISK } from '../views/rows/risk.ts'
import type { ConsoleContext } from './context.ts'

/**
 * For this time, in milliseconds, after the row under the cursor changed by itself, keys decide
 * nothing: they were meant for the row before.
 */
const SETTLE_MS = 150

/** Whether the row under the cursor has just changed by itself. Says so. */
export function justShifted({ store, now }: ConsoleContext): boolean {
  const { ui } = store.getState()
  if (ui.layers.length > 0 || !isPane(ui.focus) || now() - ui.shiftedAt[ui.focus] >= SETTLE_MS)
    return false
  toast(
    store,
    'Nothing was decided: the row under the cursor had just changed. Look, then press again.',
    'warn',
  )
  return true
}

interface Decision {
  verb: 'allow' | 'deny'
  inputs: readonly Record<string, unknown>[]
  /** High risk was confirmed with the second key. */
  confirmed?: boolean
}

/** Decides approvals. To allow a high risk takes a second, different key. */
export function decide(
  context: ConsoleContext,
  { verb, inputs, confirmed = false }: Decision,
): void {
  const { world, ui } = context.store.getState()
  const open = inputs.flatMap((input) => {
    const approval = tableOf(world, 'approval').get(String(input['id']))
    return approval?.state !== 'pending' || ui.deciding[approval.id] !== undefined
      ? []
      : [{ approval, input }]
  })
  if (open.length === 0) {
    toast(context.store, 'No approval is waiting here.', 'warn')
    return
  }
  const risky = open.map(({ approval }) => approval).filter((a) => a.risk.score >= HIGH_RISK)
  if (verb === 'allow' && risky.length > 0 && !confirmed) {
    const all = open.map(({ input }) => input)
    confirmHighRisk(context, risky, all)
    return
  }
  const at = context.now()
  const deciding = Object.fromEntries(open.map(({ approval }) => [approval.id, { verb, at }]))
  setUi(context.store, (now) => ({
    deciding: { ...now.deciding, ...deciding },
    marks: { ...now.marks, approvals: [] },
  }))
  for (const { approval, input } of open) void sendDecision(context, { verb, approval, input })
}

function confirmHighRisk(
  { store }: ConsoleContext,
  risky: readonly Approval[],
  inputs: Decision['inputs'],
): void {
  const first = risky[0] as Approval
  pushLayer(store, {
    kind: 'confirm',
    danger: true,
    yes: 'a',
    title:
      inputs.length === 1
        ? `Allow at risk ${first.risk.score}?`
        : `Allow ${inputs.length}, ${count(risky.length, 'of high risk', 'of high risk')}?`,
    lines: risky
      .slice(0, 4)
      .flatMap((a) => [
        `${a.agent}: ${plain(a.action.type)} ${plain(a.action.target, 300)}`,
        `   ${whyText(a)}`,
      ]),
    act: { actId: 'approval.allow', inputs },
  })
}

async function sendDecision(
  { store, link }: ConsoleContext,
  {
    verb,
    approval,
    input,
  }: { verb: Decision['verb']; approval: Approval; input: Record<string, unknown> },
): Promise<void> {
  const { id, agent, action } = approval
  try {
    await link.do(`approval.${verb}`, input)
    const what = `${agent} ${plain(action.target, 80)}`
    if (verb === 'allow') toast(store, `Allowed: ${what}`, 'good')
    else toast(store, `Denied: ${what}`, 'info')
  } catch (thrown) {
    setUi(store, (ui) => {
      const { [id]: _, ...rest } = ui.deciding
      return { deciding: rest }
    })
    toastFault(store, thrown, 'Not decided: ')
  }
}
