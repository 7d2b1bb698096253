import type { Confirmation } from '../../../base/confirmation.ts'
import { confirmationsToAllow } from '../../../domain/approvals/rules.ts'
import type { FormStep, LayerOf } from '../store/layer.ts'
import { isRead } from '../store/reading.ts'
import { tableOf } from '../store/world.ts'
import type { ConsoleContext } from './context.ts'
import { approvalLines, openReview, withConfirmed } from './review.ts'
import { severeLines } from './rule-forms.ts'
import { sendForm } from './send-form.ts'

/**
 * Sends a form, after what it allows was shown whole where that is needed. An edited action is
 * shown when the supervisor has judged it.
 */
export function confirmForm(context: ConsoleContext, layer: LayerOf<'form'>, step: FormStep): void {
  const state = context.store.getState()
  const ids = layer.purpose.kind === 'edit' ? [] : allowedBy(step)
  const approval = tableOf(state.world, 'approval').get(ids[0] ?? '')
  if (approval === undefined) {
    sendForm(context, step)
    return
  }
  const needed = confirmationsToAllow([approval])
  const confirmed = stepConfirmed(step, needed)
  const severe = severeLines(layer)
  const isShort = severe.length === 0 && needed.every(({ what }) => what === 'seen')
  if (isShort && isRead(state.ui.readings, approval.id)) sendForm(context, confirmed)
  else
    openReview(context, {
      title: `${layer.title}, at risk ${approval.risk.score}?`,
      lines: [...approvalLines([approval]), ...severe],
      key: 'a',
      does: 'allow',
      danger: !isShort,
      act: {
        actId: confirmed.actId,
        inputs: [confirmed.input],
        next: confirmed.next,
        form: true,
      },
    })
}

/** The approvals that a step or one after it allows. */
function allowedBy({ actId, input, next }: FormStep): string[] {
  if (actId === 'approval.allow') return input['ids'] as string[]
  return next === undefined ? [] : allowedBy(next)
}

/** The steps, with what was confirmed in the one that allows. */
function stepConfirmed(step: FormStep, needed: readonly Confirmation[]): FormStep {
  const { actId, input, next } = step
  if (actId === 'approval.allow') return { ...step, input: withConfirmed(input, needed) }
  return next === undefined ? step : { ...step, next: stepConfirmed(next, needed) }
}
