import { createHmac, randomUUID } from 'node:crypto'
import type { Clock } from '../../../base/clock.ts'
import { asFault } from '../../../base/fault.ts'
import type { Outbound } from '../../../ports/outbound.ts'
import type { AskedWebhook } from '../policies/rules.ts'
import type { FoldedDecision, WebhookVerdict } from '../policies/types.ts'
import type { CheckSecret } from './check-secret.ts'
import type { ApiQuestion } from './question.ts'

/** What webhooks of policies are shown, all of them the same. */
export interface ShownQuestion {
  org: string
  /** Without secrets. */
  question: ApiQuestion
  risk: number
  /** What would be decided without them. */
  before: FoldedDecision
}

/** Asks webhooks what they say, all at the same time. It never fails: each has its verdict. */
export type AskWebhooks = (
  toAsk: readonly Omit<AskedWebhook, 'verdict'>[],
  shown: ShownQuestion,
) => Promise<AskedWebhook[]>

interface CheckParts {
  outbound: () => Promise<Outbound>
  secret: CheckSecret
  clock: Pick<Clock, 'now'>
  /** Aborted when nobody waits for answers any more. */
  signal: AbortSignal
}

/** The most that is read of an answer, in bytes. */
const MAX_ANSWER = 64 << 10
/** Checks of one organisation at a time. Others fail, so that a slow webhook holds no more. */
const MOST_AT_ONCE = 128
const EVENT = 'guard.evaluation'

/** Posts the question to each webhook, signed, and reads what it answers. */
export function webhookChecks(parts: CheckParts): AskWebhooks {
  const underWay = new Map<string, number>()
  const ask = async (
    one: Omit<AskedWebhook, 'verdict'>,
    { org, body }: { org: string; body: string },
  ): Promise<AskedWebhook> => {
    const busy = underWay.get(org) ?? 0
    if (busy >= MOST_AT_ONCE)
      return { ...one, verdict: { kind: 'failed', why: `${busy} checks are under way already` } }
    underWay.set(org, busy + 1)
    try {
      return { ...one, verdict: await answer(parts, one, { org, body }) }
    } catch (thrown) {
      return { ...one, verdict: { kind: 'failed', why: asFault(thrown).message } }
    } finally {
      const left = (underWay.get(org) ?? 1) - 1
      if (left > 0) underWay.set(org, left)
      else underWay.delete(org)
    }
  }
  return (toAsk, shown) => {
    const { org } = shown
    const body = JSON.stringify(messageTo(shown, new Date(parts.clock.now()).toISOString()))
    return Promise.all(toAsk.map((one) => ask(one, { org, body })))
  }
}

function messageTo({ org, question, risk, before }: ShownQuestion, timestamp: string): object {
  return {
    event: EVENT,
    org_id: org,
    timestamp,
    context: {
      action_type: question.actionType,
      risk_score: risk,
      agent_id: question.agentId,
      systems_touched: question.systems,
      reversible: question.reversible,
      declared_goal: question.goal,
    },
    preliminary_decision: before.decision,
    matched_policies: before.matchedPolicies,
    reasons: before.reasons,
    warnings: before.warnings,
  }
}

async function answer(
  { outbound, secret, clock, signal }: CheckParts,
  { settings: { url, timeoutMs } }: Omit<AskedWebhook, 'verdict'>,
  { org, body }: { org: string; body: string },
): Promise<WebhookVerdict> {
  const headers = checkHeaders({ secret: await secret(org), at: clock.now(), body })
  const poster = await outbound()
  const request = { url, headers, body, signal, timeoutMs, maxAnswer: MAX_ANSWER }
  const { status, body: said } = await poster.post(request)
  if (status < 200 || status >= 300) return { kind: 'failed', why: `it answered ${status}` }
  if (said === undefined) return { kind: 'failed', why: 'its answer is too long' }
  return verdictOf(said)
}

function verdictOf(text: string): WebhookVerdict {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'failed', why: 'its answer is not JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { kind: 'failed', why: 'its answer is not a JSON object' }
  const { decision, reasons, warnings } = value as Record<string, unknown>
  return { kind: 'answered', decision, reasons, warnings }
}

/** The headers of a check. The signature is over `timestamp.body`. */
function checkHeaders({
  secret,
  at,
  body,
}: {
  secret: string
  at: number
  body: string
}): Record<string, string> {
  const digest = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
  return {
    'content-type': 'application/json',
    'user-agent': 'DashClaw-Webhooks/1.0',
    'x-dashclaw-event': EVENT,
    'x-dashclaw-delivery': `wd_${randomUUID()}`,
    'x-dashclaw-timestamp': String(at),
    'x-dashclaw-signature': `v1=${digest}`,
  }
}
