import { plain } from '../../../base/text.ts'
import type { Approval } from '../../../domain/approvals/types.ts'
import type { FormField, FormPurpose } from '../store/layer.ts'
import { pushLayer } from '../store/store.ts'
import { edit } from '../text/edit.ts'
import { HIGH_RISK, whyText } from '../views/approvals.ts'
import type { Bridge } from './bridge.ts'

/** Opens a form over what is there. */
export function openLayer(
  bridge: Bridge,
  title: string,
  intro: string[],
  fields: FormField[],
  purpose: FormPurpose,
): void {
  pushLayer(bridge.store, {
    kind: 'form',
    title,
    intro,
    fields,
    at: 0,
    problem: '',
    busy: false,
    purpose,
  })
}

export const field = (
  key: string,
  label: string,
  text: string,
  about: string,
  choices?: readonly string[],
): FormField => ({
  key,
  label,
  edit: edit(text),
  about,
  ...(choices === undefined ? {} : { choices }),
})

/** The same, asked only while another field holds one of these. */
export const fieldWhen = (key: string, is: readonly string[], asked: FormField): FormField => ({
  ...asked,
  when: { key, is },
})

/** What an agent asks, for the head of a form; a high risk says why it is one. */
export function askedLines(a: Approval): string[] {
  return [
    `${a.agent} asks: ${plain(a.action.type)} ${plain(a.action.target, 400)}`,
    ...(a.risk.score >= HIGH_RISK ? [`⚠ risk ${a.risk.score}: ${whyText(a)}`] : []),
  ]
}
