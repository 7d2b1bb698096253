import * as z from 'zod'
import { command, query, screen } from './command.ts'
import { AgentName, Id, Nothing, Note, OneAgent, TemplateName } from './inputs.ts'

const Percent = z.coerce.number().int().min(0).max(100)

export const policyRows = [
  query({
    id: 'template.list', title: 'List templates', about: 'deck', viewer: true, help: 'Templates, the built-in ones and yours.', cli: 'templates list', example: 'clawdeck templates list',
    input: () => Nothing, run: (deck) => deck.templates.list(),
  }),
  query({
    id: 'template.show', title: 'Show template', about: 'deck', viewer: true, help: 'One template as it is read.', cli: 'templates show <name>', example: 'clawdeck templates show coder',
    input: () => z.strictObject({ name: TemplateName }), run: (deck, { name }) => deck.templates.show(name),
  }),
  query({
    id: 'policy.show', title: 'Show lock', about: 'agent', viewer: true, subjectKey: 'agent', help: 'The compiled and signed policy of an agent.', cli: 'policy show <agent>', example: 'clawdeck policy show a1 --json',
    input: () => OneAgent, run: (deck, { agent }) => deck.policy.show(agent),
  }),
  query({
    id: 'policy.explain', title: 'Explain agent', about: 'agent', keys: ['E'], viewer: true, subjectKey: 'agent',
    help: 'In plain words what an agent can and cannot do, and what is not enforced here.', cli: 'policy explain <agent>', example: 'clawdeck policy explain a1',
    input: () => OneAgent, run: (deck, { agent }) => deck.policy.explain(agent),
  }),
  query({
    id: 'policy.validate', title: 'Check for drift', about: 'agent', keys: ['v'], viewer: true, subjectKey: 'agent',
    help: 'Compare what is there with what was locked and signed.', cli: 'policy validate <agent>', example: 'clawdeck policy validate a1',
    input: () => OneAgent, run: (deck, { agent }) => deck.policy.validate(agent),
  }),
  query({
    id: 'policy.list', title: 'List policies', about: 'deck', viewer: true, help: 'Your policies and the leases in force.', cli: 'policy list', example: 'clawdeck policy list',
    input: () => Nothing, run: (deck) => deck.policy.list(),
  }),
  command({
    id: 'policy.add', title: 'Add policy', about: 'deck', help: 'Write a policy: what matches, and allow, warn, ask or block.',
    cli: 'policy add <effect>',
    flags: {
      type: { about: 'action type, as exec, net, file, tool', value: 'type' }, target: { about: 'glob over the target', value: 'glob' }, pattern: { about: 'regular expression over the target, instead of a glob', value: 're' }, agent: { about: 'agent name or glob', value: 'name' },
      template: { about: 'template name or glob', value: 'name' }, riskAtLeast: { about: 'matches from this risk up', value: 'n' }, riskAtMost: { about: 'matches up to this risk', value: 'n' },
      reason: { about: 'what agents are told', value: 'text' }, id: { about: 'a name of its own', value: 'id' },
    },
    example: 'clawdeck policy add allow --type exec --target "git status*"',
    input: () => z.strictObject({
      effect: z.enum(['allow', 'warn', 'ask', 'block']), type: z.string().max(64).optional(), target: z.string().max(4096).optional(), pattern: z.string().max(512).optional(), agent: z.string().max(64).optional(),
      template: z.string().max(64).optional(), riskAtLeast: Percent.optional(), riskAtMost: Percent.optional(), reason: Note.optional(), id: Id.optional(),
    }),
    run: (deck, input, { actor }) => deck.policy.add(input as Parameters<typeof deck.policy.add>[0], actor),
  }),
  screen({ id: 'policy.add_form', title: 'Add policy…', about: 'deck', keys: ['P'], help: 'Write a policy in a form.' }),
  command({
    id: 'policy.rm', title: 'Remove policy', about: 'policy', keys: ['x'], hint: 2, danger: 'confirm', subjectKey: 'id', help: 'Remove a policy of yours.', cli: 'policy rm <id>', example: 'clawdeck policy rm pol_…',
    input: () => z.strictObject({ id: Id }), run: (deck, { id }, { actor }) => deck.policy.remove(id, actor),
  }),
  query({
    id: 'policy.test', title: 'Test an action', about: 'agent', viewer: true, subjectKey: 'agent', help: 'What would be answered, without asking anyone.',
    cli: 'policy test <agent> <type> <target>', flags: { irreversible: { about: 'as declared by the agent' }, systems: { about: 'systems touched, comma-separated', value: 'list' } },
    example: 'clawdeck policy test a1 exec "git push origin main"',
    input: () => z.strictObject({ agent: AgentName, type: z.string().max(64), target: z.string().max(4096), irreversible: z.boolean().default(false), systems: z.string().max(1000).optional() }),
    run: (deck, { agent, type, target, irreversible, systems }) => deck.policy.test(agent, { type, target, reversible: irreversible ? false : undefined, systems: systems?.split(',').map((s) => s.trim()) }),
  }),
]
