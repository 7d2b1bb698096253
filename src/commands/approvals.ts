import * as z from 'zod'
import type { Approval } from '../domain/approvals/types.ts'
import { command, query, screen } from './command.ts'
import { AgentName, Id, Limit, Note, Nothing } from './inputs.ts'

const pending = (a: Approval): string | undefined => a.state === 'pending' ? undefined : `already ${a.state}${a.by === '' ? '' : ` by ${a.by}`}`

const Lease = z.strictObject({
  target: z.string().min(1).max(4096).optional(), agent: z.union([AgentName, z.literal('*')]).optional(),
  uses: z.coerce.number().int().min(1).max(1000), minutes: z.coerce.number().min(1).max(10_080),
})

export const approvalRows = [
  query({
    id: 'approval.list', title: 'List approvals', about: 'deck', viewer: true,
    help: 'What waits for a person, most urgent first, or what was decided.',
    cli: 'approvals list', flags: { state: { about: 'pending (default), decided or all', value: 'state' }, limit: { about: 'how many at most (100)', value: 'n' } },
    example: 'clawdeck approvals list --json',
    input: () => z.strictObject({ state: z.enum(['pending', 'decided', 'all']).default('pending'), limit: Limit.default(100) }),
    run: (deck, { state, limit }) => deck.approvals.list(state, limit),
  }),
  query({
    id: 'approval.get', title: 'Show approval', about: 'approval', viewer: true, subjectKey: 'id',
    help: 'One approval with the whole action, its risk and reasons.', cli: 'approvals show <id>', example: 'clawdeck approvals show apr_…',
    input: () => z.strictObject({ id: Id }), run: (deck, { id }) => deck.approvals.get(id),
  }),
  command({
    id: 'approval.allow', title: 'Allow', about: 'approval', keys: ['y'], hint: 1, many: true, subjectKey: 'id',
    help: 'Say yes: once, or with --uses and --minutes for more of the same, or to an edited --target.',
    cli: 'approvals allow <id>',
    flags: {
      note: { about: 'what the agent is told', value: 'text' }, uses: { about: 'grant a lease for so many uses', value: 'n' },
      minutes: { about: 'how long the lease holds (60)', value: 'n' }, pattern: { about: 'what the lease covers; exactly this by default', value: 'glob' },
      target: { about: 'allow this instead of what was asked', value: 'text' },
    },
    example: 'clawdeck approvals allow apr_… --note "go ahead"',
    input: () => z.strictObject({
      id: Id, note: Note.optional(), lease: Lease.optional(), uses: z.coerce.number().int().min(1).max(1000).optional(),
      minutes: z.coerce.number().min(1).max(10_080).optional(), pattern: z.string().min(1).max(4096).optional(), target: z.string().min(1).max(4096).optional(),
      argv: z.array(z.string().max(65_536)).min(1).max(1024).optional(),
    }),
    unavailable: pending,
    run: (deck, { id, note, lease, uses, minutes, pattern, target, argv }, { actor }) => deck.approvals.allow(id, {
      note,
      lease: lease ?? (uses === undefined && minutes === undefined && pattern === undefined ? undefined : { uses: uses ?? 1, minutes: minutes ?? 60, ...(pattern === undefined ? {} : { target: pattern }) }),
      edit: target === undefined && argv === undefined ? undefined : { target, argv },
    }, actor),
  }),
  screen({ id: 'approval.lease', title: 'Allow more like this…', about: 'approval', keys: ['Y'], hint: 2, help: 'Say yes to this and to more like it: by a rule of one of three widths, or by a lease.', unavailable: pending }),
  screen({ id: 'approval.edit', title: 'Edit, then allow…', about: 'approval', keys: ['e'], hint: 3, help: 'Change the action; the agent receives what you changed.', unavailable: pending }),
  command({
    id: 'approval.deny', title: 'Deny', about: 'approval', keys: ['n'], hint: 4, many: true, subjectKey: 'id',
    help: 'Say no. The agent is told the note.',
    cli: 'approvals deny <id>', flags: { note: { about: 'what the agent is told', value: 'text' }, remember: { about: 'and never ask again: writes a block policy for exactly this' } },
    example: 'clawdeck approvals deny apr_… --note "not on main"',
    input: () => z.strictObject({ id: Id, note: Note.optional(), remember: z.boolean().default(false) }),
    unavailable: pending, run: (deck, { id, note, remember }, { actor }) => deck.approvals.deny(id, { note, remember }, actor),
  }),
  screen({ id: 'approval.reason', title: 'Decide with a reason…', about: 'approval', keys: ['r'], hint: 7, help: 'Allow or deny with words for the agent.', unavailable: pending }),
  screen({ id: 'approval.never', title: 'Deny and remember…', about: 'approval', keys: ['N'], hint: 5, danger: 'confirm', help: 'Say no, and from now on block exactly this, or be asked each time.', unavailable: pending }),
  query({
    id: 'approval.why', title: 'Why', about: 'approval', keys: ['w'], hint: 6, viewer: true, subjectKey: 'id',
    help: 'How the answer came about, layer by layer.', cli: 'approvals why <id>', example: 'clawdeck approvals why apr_…',
    input: () => z.strictObject({ id: Id }), run: (deck, { id }) => deck.approvals.why(id),
  }),
  query({
    id: 'lease.list', title: 'List leases', about: 'deck', viewer: true, help: 'Bounded yeses in force.', cli: 'leases list',
    flags: { state: { about: 'active (default) or all', value: 'state' } }, example: 'clawdeck leases list',
    input: () => z.strictObject({ state: z.enum(['active', 'all']).default('active') }), run: (deck, { state }) => deck.leases.list(state),
  }),
  command({
    id: 'lease.revoke', title: 'Revoke lease', about: 'lease', keys: ['x'], hint: 2, danger: 'confirm', subjectKey: 'id',
    help: 'End a lease now.', cli: 'leases revoke <id>', example: 'clawdeck leases revoke lea_…',
    input: () => z.strictObject({ id: Id }), run: (deck, { id }, { actor }) => deck.leases.revoke(id, actor),
  }),
  query({
    id: 'session.list', title: 'List sessions', about: 'deck', viewer: true, help: 'Open shells in pods.', cli: 'sessions list', example: 'clawdeck sessions list',
    input: () => Nothing, run: (deck) => deck.sessions.list(),
  }),
  command({
    id: 'session.open', title: 'Open a session', about: 'agent', subjectKey: 'agent', help: 'Open a shell (or a command) in a running pod; attach to it over its route.',
    input: () => z.strictObject({ agent: AgentName, argv: z.array(z.string().max(65_536)).min(1).max(1024).optional(), columns: z.number().int().min(2).max(1000).default(80), rows: z.number().int().min(1).max(1000).default(24) }),
    run: (deck, { agent, ...options }, { actor }) => deck.sessions.open(agent, options, actor),
  }),
  screen({ id: 'session.close_pane', title: 'Close pane', about: 'session', keys: ['x'], hint: 1, help: 'Close the pane of a shell; the shell lives on, and a comes back to it.' }),
  command({
    id: 'session.end', title: 'End shell', about: 'session', keys: ['X'], hint: 2, danger: 'confirm', subjectKey: 'id', help: 'End a shell and every process it started in the pod.',
    cli: 'sessions end <id>', example: 'clawdeck sessions end ses_…', input: () => z.strictObject({ id: Id }), run: (deck, { id }, { actor }) => deck.sessions.end(id, actor),
  }),
]
