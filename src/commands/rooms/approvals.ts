import * as z from 'zod'
import { asFault } from '../../base/fault.ts'
import type { Approval, DecidedApprovals } from '../../domain/approvals/types.ts'
import { approvalCan } from '../../domain/approvals/rules.ts'
import { act } from '../act.ts'
import { editOf, leaseOf } from '../allow-options.ts'
import type { Deck } from '../deck.ts'
import { face, grouped, screenFace } from '../face.ts'
import { AgentName, Confirm, Id, Limit, Note } from '../inputs.ts'
import { approvalNoun, precedentNoun } from '../../domain/approvals/noun.ts'
import type { Room } from '../room.ts'

const Lease = z.strictObject({
  target: z.string().min(1).max(4096).optional(),
  agent: z.union([AgentName, z.literal('*')]).optional(),
  uses: z.coerce.number().int().min(1).max(1000),
  minutes: z.coerce.number().min(1).max(10_080),
})

const Ids = z.array(Id).min(1).max(1000)

/**
 * Decides one after the other. A single one that fails throws; among several, the others are
 * decided.
 */
async function decideEach(
  ids: readonly string[],
  decide: (id: string) => Promise<Approval>,
): Promise<DecidedApprovals> {
  const [only, ...more] = ids
  if (only !== undefined && more.length === 0) return { decided: [await decide(only)], failed: [] }
  const settled = await Promise.allSettled([...new Set(ids)].map(decide))
  return {
    decided: settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    failed: settled.flatMap((one) =>
      one.status === 'rejected' ? [asFault(one.reason).toJSON()] : [],
    ),
  }
}

/** Whose approvals these are, and for whom a lease is granted; null for a lease of every agent. */
async function agentsOf(
  { approvals }: Deck,
  ids: readonly string[],
  lent?: string,
): Promise<string[] | null> {
  if (lent === '*') return null
  const asked = await Promise.all(ids.map((id) => approvals.get(id)))
  return [...asked.map(({ agent }) => agent), ...(lent === undefined ? [] : [lent])]
}

const failedExit = ({ failed }: DecidedApprovals): number => (failed.length === 0 ? 0 : 1)

export const approvalsRoom: Room = {
  nouns: [approvalNoun, precedentNoun],
  commands: grouped('Decisions', [
    face(
      act({
        id: 'approval.list',
        needs: 'see',
        audit: 'none',
        input: () =>
          z.strictObject({
            state: z.enum(['pending', 'decided', 'all']).default('pending'),
            limit: Limit.default(100),
          }),
        run: (deck, { state, limit }) => deck.approvals.list(state, limit),
        narrow: (approvals, sees) => approvals.filter(({ agent }) => sees(agent)),
      }),
      {
        title: 'List approvals',
        about: 'deck',
        help: 'List waiting approvals, most urgent first, or decided ones.',
        cli: 'approvals list',
        flags: {
          state: { about: 'pending (default), decided or all', value: 'state' },
          limit: { about: 'at most this many (100)', value: 'n' },
        },
        example: 'clawdeck approvals list --json',
        answer: 'approvals',
      },
    ),
    face(
      act({
        id: 'approval.get',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ id: Id }),
        concerns: (deck, { id }) => agentsOf(deck, [id]),
        run: (deck, { id }) => deck.approvals.get(id),
      }),
      {
        title: 'Show approval',
        about: 'approval',
        subjectKey: 'id',
        help: 'Show an approval with its whole action, risk and reasons.',
        cli: 'approvals show <id>',
        example: 'clawdeck approvals show apr_…',
        answer: 'approval',
      },
    ),
    face(
      act({
        id: 'approval.allow',
        needs: 'decide',
        audit: 'own',
        input: () =>
          z.strictObject({
            ids: Ids,
            note: Note.optional(),
            lease: Lease.optional(),
            uses: z.coerce.number().int().min(1).max(1000).optional(),
            minutes: z.coerce.number().min(1).max(10_080).optional(),
            pattern: z.string().min(1).max(4096).optional(),
            target: z.string().min(1).max(4096).optional(),
            argv: z.array(z.string().max(65_536)).min(1).max(1024).optional(),
            confirm: Confirm,
          }),
        concerns: (deck, { ids, lease }) => agentsOf(deck, ids, lease?.agent),
        confirm: (deck, { ids, ...input }) => deck.approvals.confirmations(ids, editOf(input)),
        run: (deck, { ids, note, ...input }, { actor }) => {
          const options = { note, lease: leaseOf(input), edit: editOf(input) }
          return decideEach(ids, (id) => deck.approvals.allow(id, options, actor))
        },
      }),
      {
        title: 'Allow',
        about: 'approval',
        keys: ['y'],
        hint: 1,
        many: true,
        subjectKey: 'ids',
        help: 'Allow actions once, or with --uses and --minutes also more like them. --target edits one first.',
        cli: 'approvals allow <ids...>',
        flags: {
          note: { about: 'a note to the agent', value: 'text' },
          uses: { about: 'grant a lease for this many uses', value: 'n' },
          minutes: { about: 'how long the lease lasts (60)', value: 'n' },
          pattern: { about: 'what the lease covers (default: exactly this)', value: 'glob' },
          target: { about: 'allow this instead of what was asked', value: 'text' },
          confirm: {
            about: 'confirm a risk or a count without a terminal, such as risk=95 or count=3',
            value: 'what=value',
            many: true,
          },
        },
        example: 'clawdeck approvals allow apr_… --note "go ahead"',
        unavailable: approvalCan.decide,
        inConsole: 'allow',
        answer: 'decided',
        exit: failedExit,
      },
    ),
    screenFace('approval.read_on', {
      title: 'Read on',
      about: 'approval',
      keys: ['J'],
      help: 'Show more of a command that is longer than its card. It can be allowed once all was shown.',
      unavailable: approvalCan.read,
      short: 'read on',
      inConsole: 'card-down',
    }),
    screenFace('approval.read_back', {
      title: 'Read back',
      about: 'approval',
      keys: ['K'],
      help: 'Show what comes before, of a command that is longer than its card.',
      unavailable: approvalCan.read,
      short: 'read back',
      inConsole: 'card-up',
    }),
    screenFace('approval.lease', {
      title: 'Allow more like this…',
      about: 'approval',
      keys: ['Y'],
      hint: 2,
      help: 'Allow this and more like it, by a rule or by a lease.',
      unavailable: approvalCan.decide,
      short: 'more like this',
      needsSupervisor: true,
      inConsole: 'allow-more',
    }),
    screenFace('approval.edit', {
      title: 'Edit, then allow…',
      about: 'approval',
      keys: ['e'],
      hint: 3,
      help: 'Edit the action, then allow it. The agent receives the edited action.',
      unavailable: approvalCan.decide,
      short: 'edit',
      needsSupervisor: true,
      inConsole: 'edit-and-allow',
    }),
    face(
      act({
        id: 'approval.deny',
        needs: 'decide',
        audit: ({ remember }) => (remember ? 'intent' : 'own'),
        input: () =>
          z.strictObject({
            ids: Ids,
            note: Note.optional(),
            remember: z.boolean().default(false),
            confirm: Confirm,
          }),
        // What is remembered is a policy of the deck.
        concerns: (deck, { ids, remember }) => (remember ? null : agentsOf(deck, ids)),
        // A denial needs no reading, but who says what they saw means that and nothing else.
        confirm: async (deck, { ids, confirm }) =>
          confirm.seen === undefined
            ? []
            : (await deck.approvals.confirmations(ids, undefined)).filter(
                ({ what }) => what === 'seen',
              ),
        run: (deck, { ids, note, remember }, { actor }) =>
          decideEach(ids, (id) => deck.approvals.deny(id, { note, remember }, actor)),
      }),
      {
        title: 'Deny',
        about: 'approval',
        keys: ['n'],
        hint: 4,
        many: true,
        subjectKey: 'ids',
        help: 'Deny actions. The agents receive the note.',
        cli: 'approvals deny <ids...>',
        flags: {
          note: { about: 'a note to the agent', value: 'text' },
          remember: { about: 'also add a policy that blocks exactly this' },
        },
        example: 'clawdeck approvals deny apr_… --note "not on main"',
        unavailable: approvalCan.decide,
        inConsole: 'deny',
        answer: 'decided',
        exit: failedExit,
      },
    ),
    screenFace('approval.reason', {
      title: 'Decide with a reason…',
      about: 'approval',
      keys: ['r'],
      hint: 7,
      help: 'Allow or deny with a note to the agent.',
      unavailable: approvalCan.decide,
      short: 'reason',
      needsSupervisor: true,
      inConsole: 'decide-with-reason',
    }),
    screenFace('approval.never', {
      title: 'Deny and remember…',
      about: 'approval',
      keys: ['N'],
      hint: 5,
      danger: 'confirm',
      help: 'Deny, and from now on block exactly this or always ask.',
      unavailable: approvalCan.decide,
      short: 'never',
      needsSupervisor: true,
      inConsole: 'deny-and-remember',
    }),
    face(
      act({
        id: 'approval.why',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ id: Id }),
        concerns: (deck, { id }) => agentsOf(deck, [id]),
        run: (deck, { id }) => deck.approvals.why(id),
      }),
      {
        title: 'Why',
        about: 'approval',
        keys: ['w'],
        hint: 6,
        subjectKey: 'id',
        help: 'Show how it was decided, layer by layer.',
        cli: 'approvals why <id>',
        example: 'clawdeck approvals why apr_…',
        inConsole: 'why-approval',
        answer: 'approval-why',
      },
    ),
  ]),
}
