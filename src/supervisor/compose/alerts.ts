import { programRunner } from '../../adapters/run-program.ts'
import { quietHoursOf } from '../../base/quiet-hours.ts'
import { consoleChannel, notifyChannel, webhookChannel } from '../../domain/alerts/channels.ts'
import { Escalator } from '../../domain/alerts/escalator.ts'
import { chainOf } from '../../domain/alerts/rules.ts'
import { Teller } from '../../domain/alerts/teller.ts'
import type { AlertChannels } from '../../domain/alerts/types.ts'
import type { OperatorAccess } from '../../domain/operators/types.ts'
import type { Webhooks } from '../../domain/webhooks/service.ts'
import type { DeckContext } from './context.ts'
import type { DeckRecord } from './record.ts'

interface AlertContext {
  operators: Pick<OperatorAccess, 'rows'>
  webhooks: Pick<Webhooks, 'has'>
  served: Promise<void>
}

/**
 * Who is told of questions. It begins once the deck is served, when every door has registered its
 * channel.
 */
export function composeAlerts(
  { settings: { notify, escalation, quietHours }, env, clock, log, parts }: DeckContext,
  { journal, store, read, inherited }: DeckRecord,
  { operators, webhooks, served }: AlertContext,
): AlertChannels {
  const { command, timeoutSeconds } = notify
  const teller = parts.use(new Teller({ journal, store, read, problem: log }))
  if (command !== null) {
    const run = programRunner(env)
    teller.register(notifyChannel({ command, timeoutMs: timeoutSeconds * 1000, run }))
  }
  teller.register(webhookChannel((name) => webhooks.has(name)))
  teller.register(
    consoleChannel(({ operator, agent }) =>
      operators
        .rows()
        .some(
          ({ id, agents, here }) =>
            (operator ?? id) === id &&
            (agent === undefined || agents === null || agents.includes(agent)) &&
            here.some(({ door }) => door.startsWith('console')),
        ),
    ),
  )
  const escalator = parts.use(
    new Escalator({
      journal,
      store,
      clock,
      inherited,
      steps: chainOf(escalation, command !== null),
      quiet: { hours: quietHoursOf(quietHours.hours), urgentRisk: quietHours.urgentRisk },
    }),
  )
  void served.then(() => {
    teller.start()
    escalator.start()
  })
  return teller
}
