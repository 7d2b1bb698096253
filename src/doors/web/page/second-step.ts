import type { Approval } from '../../../domain/approvals/types.ts'
import { plain } from '../../../base/text.ts'
import { factorLines, runView } from './card.ts'
import { el } from './dom.ts'

/** A finger that comes down twice does not confirm. */
const HOLD_MS = 500

/** Asks once more before high risk is allowed, with the risk named. False if it is not meant. */
export function confirmRisk(approval: Approval, until: AbortSignal): Promise<boolean> {
  const { score } = approval.risk
  const back = el('button', { type: 'button', className: 'back', autofocus: true }, 'Go back')
  const yes = el(
    'button',
    { type: 'button', className: 'allow risky', disabled: true },
    `Allow at risk ${score}`,
  )
  const dialog = el(
    'dialog',
    { 'aria-labelledby': 'risk-title' },
    el('h2', { id: 'risk-title' }, `High risk: ${score} of 100`),
    el('p', {}, `${plain(approval.agent)} would run, with your approval:`),
    runView(approval),
    el('ul', {}, ...factorLines(approval).map((text) => el('li', {}, text))),
    el('div', { className: 'buttons' }, yes, back),
  )
  document.body.append(dialog)
  dialog.showModal()
  setTimeout(() => {
    yes.disabled = false
  }, HOLD_MS)
  return new Promise((resolve) => {
    const end = (meant: boolean) => {
      dialog.remove()
      resolve(meant)
    }
    yes.onclick = () => end(true)
    back.onclick = () => end(false)
    dialog.oncancel = () => end(false)
    until.addEventListener('abort', () => end(false), { once: true })
  })
}
