import * as z from 'zod'
import { Fault } from '../base/fault.ts'
import { URGENT_RISK } from '../base/quiet-hours.ts'
import { parseYaml, readYaml } from './yaml.ts'

const HOURS = /^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/

/** The token of the bot is part of what is sent there. */
const API_ROOT =
  /^(https:\/\/[\w.-]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\]))(:\d{1,5})?(\/[\w./-]*)?$/
const PUBLIC_URL = /^https?:\/\/[\w.:[\]-]+(\/[\w.~/-]*[\w.~-])?$/
const Hours = z.string().regex(HOURS, 'write quiet hours as "22:00-07:00"').nullable().default(null)
const RECIPIENT = /^(?:notify|console|(?:webhook|operator):[a-z][a-z0-9._-]{0,31})$/

/** Each step comes later than the one before. */
const Escalation = z
  .array(
    z.strictObject({
      after: z.number().min(0).max(1440),
      to: z
        .array(
          z.string().regex(RECIPIENT, 'write notify, console, webhook:<name> or operator:<name>'),
        )
        .min(1)
        .max(20),
    }),
  )
  .max(20)
  .refine(
    (steps) => steps.every(({ after }, i) => i === 0 || after > (steps[i - 1]?.after ?? 0)),
    'order the steps by `after`, each later than the one before',
  )
  .default([])

const Settings = z.strictObject({
  backend: z.enum(['auto', 'podman', 'local']).default('auto'),
  image: z.string().min(1).max(200).default('localhost/clawdeck-agent:latest'),
  approvals: z
    .strictObject({
      expiryMinutes: z.number().min(0.05).max(1440).default(5),
    })
    .prefault({}),
  deadMan: z
    .strictObject({
      minutes: z.number().min(0.05).max(100_000).nullable().default(null),
      warnMinutes: z.number().min(0).max(100_000).default(5),
      response: z.enum(['freeze', 'deny']).default('freeze'),
    })
    .prefault({}),
  access: z
    .strictObject({
      socket: z.string().max(100).regex(/^\//, 'write an absolute path').nullable().default(null),
    })
    .prefault({}),
  telegram: z
    .strictObject({
      apiRoot: z
        .string()
        .max(200)
        .regex(API_ROOT, 'write an https address, or an http one of this machine')
        .default('https://api.telegram.org'),
      digestAt: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write a time of day as "08:00"')
        .nullable()
        .default('08:00'),
    })
    .prefault({}),
  console: z
    .strictObject({
      theme: z
        .string()
        .regex(/^[a-z0-9-]{1,32}$/, 'a theme name has a–z, 0–9 and -')
        .default('dark'),
      bell: z.boolean().default(true),
      notify: z.boolean().default(true),
      quietHours: Hours,
    })
    .prefault({}),
  quietHours: z
    .strictObject({
      hours: Hours,
      urgentRisk: z.number().int().min(0).max(101).default(URGENT_RISK),
    })
    .prefault({}),
  notify: z
    .strictObject({
      command: z.array(z.string().min(1).max(1000)).min(1).max(50).nullable().default(null),
      timeoutSeconds: z.number().min(0.1).max(300).default(10),
    })
    .prefault({}),
  escalation: Escalation,
  api: z
    .strictObject({
      requestsPerMinute: z.number().int().min(0).max(1_000_000).default(600),
      scanInjection: z.boolean().default(true),
      riskFromHistory: z.boolean().default(false),
      closedEnrolment: z.boolean().default(false),
      actionsPerMonth: z.number().int().min(0).max(1_000_000_000).default(0),
      publicUrl: z
        .string()
        .max(500)
        .regex(PUBLIC_URL, 'write an address such as https://deck.example.com')
        .nullable()
        .default(null),
      signatures: z.enum(['off', 'known', 'all']).default('known'),
      allowPrivate: z.array(z.string().min(1).max(255)).max(100).default([]),
    })
    .prefault({}),
  webhooks: z
    .strictObject({
      allowPrivate: z.array(z.string().min(1).max(255)).max(100).default([]),
    })
    .prefault({}),
})

const Input = z.preprocess((value) => value ?? {}, Settings)

/** The settings of `config.yaml`. Every key has a default, so the file may be missing. */
export type Settings = z.output<typeof Settings>

/**
 * `config.yaml` as `init` writes it: every key with its default, commented out so that defaults can
 * change.
 */
export const SETTINGS_TEXT = `# Settings of this deck. A key that is commented out has the value shown.

# Where new pods run: auto (podman if available, otherwise local), podman or local.
# backend: auto

# The image for new agents, built by \`clawdeck image build\`.
# image: localhost/clawdeck-agent:latest

# approvals:
#   # Approvals that are not decided in this time are denied.
#   expiryMinutes: 5

# deadMan:
#   # When no operator was seen for so long: no open console, and nothing done. null for never.
#   minutes: null
#   # Whoever escalation names is told this long before.
#   warnMinutes: 5
#   # freeze (every pod is paused until somebody thaws it) or deny (until an operator is seen).
#   response: freeze

# access:
#   # A Unix socket for paired consoles of other users, or of other hosts by ssh -L. null for none.
#   socket: null

# telegram:
#   # Where the Bot API is. The bot itself is set by \`clawdeck access bot telegram\`.
#   apiRoot: https://api.telegram.org
#   # When paired chats are sent what happened in a day, by this machine's clock. null for never.
#   digestAt: "08:00"

# console:
#   # A theme from themes/ in this folder, or one that comes with clawdeck.
#   theme: dark
#   # Ring the bell, and send a terminal notification, when a new approval arrives.
#   bell: true
#   notify: true
#   # Quiet hours of consoles alone, such as "22:00-07:00". null for those of the deck.
#   quietHours: null

# quietHours:
#   # Nobody is disturbed in these hours, such as "22:00-07:00"; a summary follows at their end.
#   hours: null
#   # Questions of at least this risk are told nevertheless. 101 for none.
#   urgentRisk: 70

# notify:
#   # A program and its arguments, run without a shell for each new question, which it reads as
#   # JSON: [notify-send, clawdeck, "An agent asks"]. null for none.
#   command: null
#   timeoutSeconds: 10

# Who is told of a question that nobody has answered after so many minutes, step by step:
# notify, console, webhook:<name> or operator:<name>.
# [{ after: 2, to: [webhook:ops, notify] }, { after: 4, to: [operator:maya] }]
# escalation: []

# api:
#   # Requests of one key of the governance API within a minute. 0 for no limit.
#   requestsPerMinute: 600
#   # Look through the goal of every action for prompt injection.
#   scanInjection: true
#   # Add to the risk of an action how such actions of its agent went in the last 30 days.
#   riskFromHistory: false
#   # Record actions only of agents that have an identity, were paired, or acted before.
#   closedEnrolment: false
#   # Actions that an organisation may record in a calendar month. 0 for no limit.
#   actionsPerMonth: 0
#   # Where people and clients reach it, if not at its own address. Links in answers begin with it.
#   publicUrl: null
#   # Whose actions have to be signed: off (nobody's), known (of agents with a known key) or all.
#   signatures: known
#   # Private hosts, addresses or networks that webhooks of the API may be sent to.
#   allowPrivate: []

# webhooks:
#   # Private hosts, addresses or networks that webhooks may be sent to: [10.1.0.0/16, alerts.lan].
#   allowPrivate: []
`

/**
 * Reads `config.yaml`. A missing file gives the defaults. Fault `config.invalid` names the file,
 * line and key, and what is allowed.
 */
export async function readSettings(path: string): Promise<Settings> {
  try {
    return (await readYaml(path, Input, { file: 'config.yaml', code: 'config.invalid' })).value
  } catch (error) {
    if (error instanceof Fault && error.code === 'not.found') return parseSettings('')
    throw error
  }
}

/** Parses the text of `config.yaml`. Text with nothing but comments gives the defaults. */
export function parseSettings(text: string): Settings {
  return parseYaml(text, Input, { file: 'config.yaml', code: 'config.invalid' })
}

/** What consoles go by. Their own quiet hours come before those of the deck. */
export function consoleSettings({ console, quietHours }: Settings): Settings['console'] & {
  urgentRisk: number
} {
  const { hours, urgentRisk } = quietHours
  return { ...console, quietHours: console.quietHours ?? hours, urgentRisk }
}
