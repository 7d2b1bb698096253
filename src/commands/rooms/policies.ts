import { count, plain } from '../../base/text.ts'
import type { Confirmation } from '../../base/confirmation.ts'
import * as z from 'zod'
import { act } from '../act.ts'
import type { Deck } from '../deck.ts'
import { face, grouped, screenFace } from '../face.ts'
import { AgentName, Confirm, Nothing, OneAgent, Id, Note, OperatorId } from '../inputs.ts'
import { policyNoun, policyUseNoun } from '../../domain/policy/noun.ts'
import type { OperatorPolicy } from '../../domain/policy/types.ts'
import { rightToRemove } from '../removal.ts'
import type { Room } from '../room.ts'

const Percent = z.coerce.number().int().min(0).max(100)

type NewPolicy = Omit<OperatorPolicy, 'id'> & { id?: string | undefined }

/** On the command line the names are separated by commas. */
const Names = z.preprocess(
  (given) => (typeof given === 'string' ? given.split(',').map((name) => name.trim()) : given),
  z.array(OperatorId).min(1).max(64).optional(),
)

interface Added {
  confirm?: unknown
  people?: number | undefined
  of?: string[] | undefined
  notStarter?: boolean | undefined
}

/** The policy that is meant. Those who are named all have to agree, unless a number is given. */
function policyIn({ confirm: _confirm, people, of, notStarter, ...policy }: Added): NewPolicy {
  return {
    ...(policy as NewPolicy),
    ...(of !== undefined
      ? { people: { of, atLeast: people ?? of.length } }
      : people !== undefined && { people }),
    ...(notStarter === true && { notStarter }),
  }
}

/**
 * What a person confirms to add a wide policy: what of the recorded past it would have let through.
 */
async function pastOf(
  { policy: service, rules }: Deck,
  policy: NewPolicy,
): Promise<Confirmation[]> {
  const wide = service.breadth(policy)
  if (wide.length === 0) return []
  const { policies } = await service.list()
  const tried = { ...policy, id: policy.id ?? 'new' } as OperatorPolicy
  const { questions, toAllow } = await rules.simulate(
    { kind: 'policies', policies: [...policies, tried] },
    { signal: AbortSignal.timeout(MAX_PAST_MS) },
  )
  const past = `of ${count(questions, 'recorded question')} it would have let ${toAllow} more through`
  return [{ what: 'past', value: String(toAllow), text: `${wide.join('; ')}: ${past}` }]
}

/** Trying a million questions takes about five seconds. */
const MAX_PAST_MS = 60_000

export const policiesRoom: Room = {
  nouns: [policyNoun, policyUseNoun],
  commands: grouped('Decisions', [
    face(
      act({
        id: 'policy.show',
        needs: 'see',
        audit: 'none',
        input: () => OneAgent,
        run: (deck, { agent }) => deck.policy.show(agent),
      }),
      {
        title: 'Show lock',
        about: 'agent',
        subjectKey: 'agent',
        help: 'Show the compiled and signed policy of an agent.',
        cli: 'policy show <agent>',
        example: 'clawdeck policy show a1 --json',
        answer: 'lock',
      },
    ),
    face(
      act({
        id: 'policy.explain',
        needs: 'see',
        audit: 'none',
        input: () => OneAgent,
        run: (deck, { agent }) => deck.policy.explain(agent),
      }),
      {
        title: 'Explain agent',
        about: 'agent',
        keys: ['E'],
        subjectKey: 'agent',
        help: 'Explain what an agent can and cannot do, and what is not enforced here.',
        cli: 'policy explain <agent>',
        example: 'clawdeck policy explain a1',
        answer: 'explanation',
      },
    ),
    face(
      act({
        id: 'policy.validate',
        needs: 'see',
        audit: 'none',
        input: () => OneAgent,
        run: (deck, { agent }) => deck.policy.validate(agent),
      }),
      {
        title: 'Check for drift',
        about: 'agent',
        keys: ['v'],
        subjectKey: 'agent',
        help: 'Compare an agent with its signed lock.',
        cli: 'policy validate <agent>',
        example: 'clawdeck policy validate a1',
        exit: ({ ok }) => (ok ? 0 : 4),
        answer: 'drift',
      },
    ),
    face(
      act({
        id: 'policy.list',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.policy.list(),
      }),
      {
        title: 'List policies',
        about: 'deck',
        help: 'List your policies and the leases in force.',
        cli: 'policy list',
        example: 'clawdeck policy list',
        answer: 'policies',
      },
    ),
    face(
      act({
        id: 'policy.add',
        needs: 'operate',
        audit: 'intent',
        input: () =>
          z.strictObject({
            effect: z.enum(['allow', 'warn', 'ask', 'block']),
            type: z.string().max(64).optional(),
            target: z.string().max(4096).optional(),
            pattern: z.string().max(512).optional(),
            options: z.literal('any').optional(),
            agent: z.string().max(64).optional(),
            template: z.string().max(64).optional(),
            riskAtLeast: Percent.optional(),
            riskAtMost: Percent.optional(),
            people: z.coerce.number().int().min(1).max(16).optional(),
            of: Names,
            notStarter: z.boolean().optional(),
            reason: Note.optional(),
            id: Id.optional(),
            confirm: Confirm,
          }),
        confirm: (deck, input) => pastOf(deck, policyIn(input)),
        run: (deck, input, { actor }) => deck.policy.add(policyIn(input), actor),
      }),
      {
        title: 'Add policy',
        about: 'deck',
        help: 'Add a policy that allows, warns, asks or blocks what it matches.',
        cli: 'policy add <effect>',
        flags: {
          type: { about: 'action type, such as exec, net, file or tool', value: 'type' },
          target: { about: 'glob for the target', value: 'glob' },
          pattern: { about: 'regular expression for the target, instead of a glob', value: 're' },
          confirm: {
            about: 'what is confirmed for a wide policy, such as past=12',
            value: 'what=value',
            many: true,
          },
          options: {
            about: '`any`: options that start, write, read or reach more too',
            value: 'any',
          },
          agent: { about: 'agent name or glob', value: 'name' },
          template: { about: 'template name or glob', value: 'name' },
          riskAtLeast: { about: 'lowest risk it matches', value: 'n' },
          riskAtMost: { about: 'highest risk it matches', value: 'n' },
          people: { about: 'how many people have to agree', value: 'n' },
          of: { about: 'only these people count, separated by commas', value: 'names' },
          notStarter: { about: 'whoever started the agent does not count' },
          reason: { about: 'shown to agents', value: 'text' },
          id: { about: 'an id of your own', value: 'id' },
        },
        example: 'clawdeck policy add allow --type exec --target "git status*"',
        inConsole: 'add-policy',
        answer: 'policy',
      },
    ),
    screenFace('policy.add_form', {
      title: 'Add policy…',
      about: 'deck',
      keys: ['P'],
      help: 'Add a policy in a form.',
      needsSupervisor: true,
      inConsole: 'add-policy',
    }),
    face(
      act({
        id: 'policy.rm',
        needs: 'operate',
        audit: 'intent',
        input: () => z.strictObject({ id: Id }),
        needsNow: (deck, { id }) => rightToRemove(deck, (policy) => policy.id === id),
        run: (deck, { id }, { actor }) => deck.policy.remove(id, actor),
      }),
      {
        title: 'Remove policy',
        about: 'policy',
        keys: ['x'],
        hint: 2,
        danger: 'confirm',
        subjectKey: 'id',
        help: 'Remove one of your policies.',
        cli: 'policy rm <id>',
        example: 'clawdeck policy rm pol_…',
        said: (policy) => `${plain(policy.id)} is removed`,
      },
    ),
    face(
      act({
        id: 'policy.test',
        needs: 'see',
        audit: 'none',
        input: () =>
          z.strictObject({
            agent: AgentName,
            type: z.string().max(64),
            target: z.string().max(4096),
            irreversible: z.boolean().default(false),
            systems: z.string().max(1000).optional(),
          }),
        run: (deck, { agent, type, target, irreversible, systems }) =>
          deck.policy.test(agent, {
            type,
            target,
            reversible: irreversible ? false : undefined,
            systems: systems?.split(',').map((s) => s.trim()),
          }),
      }),
      {
        title: 'Test an action',
        about: 'agent',
        subjectKey: 'agent',
        help: 'Show how an action would be decided, without asking anyone.',
        cli: 'policy test <agent> <type> <target>',
        flags: {
          irreversible: { about: 'the agent says that it cannot be undone' },
          systems: { about: 'systems it touches, comma-separated', value: 'list' },
        },
        example: 'clawdeck policy test a1 exec "git push origin main"',
        answer: 'policy-test',
      },
    ),
  ]),
}
