import { plain } from '../../../base/text.ts'
import { HIGH_RISK } from '../../../domain/approvals/rules.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { FormField, LayerOf } from '../store/layer.ts'
import { pushLayer } from '../store/store.ts'
import { edit } from '../text/edit.ts'
import { whyText } from '../../text/approvals.ts'
import { quorumText } from '../../text/quorum.ts'
import type { ConsoleContext } from './context.ts'

/** Opens a form. */
export function openForm(
  { store }: ConsoleContext,
  form: Pick<LayerOf<'form'>, 'title' | 'intro' | 'fields' | 'purpose'>,
): void {
  pushLayer(store, { kind: 'form', ...form, at: 0, problem: '', busy: false })
}

/** A field with its first value. */
export function field(
  key: string,
  { text, ...rest }: Omit<FormField, 'key' | 'edit'> & { text: string },
): FormField {
  return { key, edit: edit(text), ...rest }
}

/** The same field, shown only while another has one of these values. */
export function fieldWhen(key: string, is: readonly string[], shown: FormField): FormField {
  return { ...shown, when: { key, is } }
}

/** Where the operator may write to the agent. */
export const noteField = (): FormField =>
  field('note', { label: 'note to agent', text: '', about: 'optional' })

/** Whose word is there and whose is missing, where more people have to agree. */
export function agreedLines(a: Approval): string[] {
  return a.quorum === undefined ? [] : [`⚠ ${quorumText(a)}. Only agreements to the same add up.`]
}

/** What an agent asks, for the head of a form; at high risk also why. */
export function askedLines(a: Approval): string[] {
  return [
    `${a.agent} asks: ${plain(a.action.type)} ${plain(a.action.target, 400)}`,
    ...(a.risk.score >= HIGH_RISK ? [`⚠ risk ${a.risk.score}: ${whyText(a)}`] : []),
  ]
}
