import type { Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import type { Answer } from '../../domain/approvals/types.ts'
import type { Reason } from '../../domain/policy/types.ts'
import { wordsToRun } from '../../domain/policy/rules.ts'
import { quote } from '../../base/quote.ts'

/** An answer as JSON, with snake_case names. */
export function answerJson(answer: Answer): string {
  const { id, decision, pending, reasons, risk, edited, expiresAt } = answer
  return JSON.stringify({
    id,
    decision,
    pending,
    reasons,
    risk,
    edited:
      edited === null
        ? null
        : { type: edited.type, target: edited.target, argv: edited.argv, cwd: edited.cwd },
    expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  })
}

/**
 * An answer for shells, in lines: `allow|warn|deny|pending <id>`; `run <words>` if an operator
 * edited the command, quoted for `eval` (with `"$nl"` for a line feed); and `why <text>` for each
 * reason.
 */
export function answerText(answer: Answer): string {
  const allowed = !answer.pending && (answer.decision === 'allow' || answer.decision === 'warn')
  const lines = [`${stateOf(answer)} ${answer.id}`]
  if (answer.edited !== null && allowed) {
    lines.push(
      answer.edited.type === 'exec'
        ? `run ${quote(wordsToRun(answer.edited)).replaceAll('\n', `'"$nl"'`)}`
        : `use ${plain(answer.edited.target)}`,
    )
  }
  return `${[...lines, ...answer.reasons.map((r) => `why ${plain(r.text, 500)}`)].join('\n')}\n`
}

function stateOf({ pending, decision }: Answer): 'pending' | 'allow' | 'warn' | 'deny' {
  if (pending) return 'pending'
  return decision === 'allow' || decision === 'warn' ? decision : 'deny'
}

/** The response to a request that failed: a denial with the reason. */
export function denialJson(fault: Fault): string {
  return JSON.stringify({
    decision: 'block',
    pending: false,
    reasons: [reasonOf(fault)],
    error: {
      code: fault.code,
      message: plain(fault.message, 500),
      ...(fault.hint === undefined ? {} : { hint: plain(fault.hint, 500) }),
    },
  })
}

export function denialText(fault: Fault): string {
  const hint = fault.hint === undefined ? '' : `why ${plain(fault.hint, 500)}\n`
  return `deny -\nwhy ${plain(fault.message, 500)}\n${hint}`
}

/** The response for shells when a limit was reached: ask again after so many seconds. */
export function busyText(seconds: number, message: string): string {
  return `busy ${seconds}\nwhy ${plain(message, 500)}\n`
}

function reasonOf(fault: Fault): Reason {
  return {
    layer: fault.code === 'input.invalid' ? 'input' : 'supervisor',
    text: plain(fault.message, 500),
  }
}
