import { accessSync, constants } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { asFault } from '../../../base/fault.ts'
import { age, count, plain } from '../../../base/text.ts'
import type { Settings } from '../../../config/settings.ts'
import type { Operator } from '../../../domain/operators/types.ts'
import type { Webhook } from '../../../domain/webhooks/types.ts'
import { isListening } from '../../../wire/listening.ts'
import type { Cli } from '../cli.ts'
import { bad, good, poor, type Check } from './check.ts'

/** Whether who should hear of questions can: webhooks, the program, and everybody in the chain. */
export async function wordChecks(cli: Cli, settings: Settings | undefined): Promise<Check[]> {
  const known = settings === undefined ? [] : settingsChecks(cli, settings)
  if (!(await isListening(cli.home.socket))) return known
  try {
    const link = await cli.existingLink()
    const [hooks, operators] = await Promise.all([
      link.do('webhook.list') as Promise<Webhook[]>,
      link.do('operator.list') as Promise<Operator[]>,
    ])
    return [
      ...known,
      ...hooks.map(webhookCheck),
      ...(settings === undefined ? [] : namesChecks(settings, hooks, operators)),
    ]
  } catch (thrown) {
    return [...known, poor('webhooks', asFault(thrown).message, 'See `clawdeck supervisor logs`.')]
  }
}

function settingsChecks({ env }: Cli, { notify, escalation, approvals }: Settings): Check[] {
  const [program] = notify.command ?? []
  const late = escalation.filter(({ after }) => after >= approvals.expiryMinutes)
  return [
    ...(program === undefined ? [] : [programCheck(program, env)]),
    ...(notify.command === null && escalation.some(({ to }) => to.includes('notify'))
      ? [poor('escalation', 'it names notify, which has no command', 'Set notify.command.')]
      : []),
    ...late.map(({ after }) =>
      poor(
        'escalation',
        `the step after ${after} min comes when approvals have expired`,
        `Make it earlier than ${approvals.expiryMinutes} min, or raise approvals.expiryMinutes.`,
      ),
    ),
  ]
}

function programCheck(program: string, env: NodeJS.ProcessEnv): Check {
  const folders = (env['PATH'] ?? '').split(delimiter)
  const paths = isAbsolute(program) ? [program] : folders.map((folder) => join(folder, program))
  return paths.some(isProgram)
    ? good('notify', program)
    : bad('notify', `${program} cannot be run`, 'Correct notify.command in config.yaml.')
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function webhookCheck({ id, origin, failingSince, why, dead }: Webhook): Check {
  const name = `webhook ${id}`
  if (failingSince !== null)
    return bad(
      name,
      `it has been failing for ${age(Date.now() - failingSince)}: ${plain(why, 200)}`,
      `See \`clawdeck webhooks deliveries ${id}\`. To try now: clawdeck webhooks test ${id}`,
    )
  return dead === 0
    ? good(name, plain(origin, 200))
    : poor(
        name,
        `${count(dead, 'delivery was', 'deliveries were')} given up`,
        `Send them again: clawdeck webhooks replay ${id}`,
      )
}

function namesChecks(
  { escalation }: Settings,
  hooks: readonly Webhook[],
  operators: readonly Operator[],
): Check[] {
  const known = new Set([
    'notify',
    'console',
    ...hooks.map(({ id }) => `webhook:${id}`),
    ...operators.map(({ id }) => `operator:${id}`),
  ])
  const named = new Set(escalation.flatMap(({ to }) => to))
  return [...named]
    .filter((one) => !known.has(one))
    .map((one) =>
      bad(
        'escalation',
        `it names ${one}, which is not there`,
        'Correct escalation in config.yaml.',
      ),
    )
}
