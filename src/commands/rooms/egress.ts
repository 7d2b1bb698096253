import * as z from 'zod'
import { count, plain } from '../../base/text.ts'
import { egressGrantNoun, egressHostNoun } from '../../domain/egress/noun.ts'
import type { NewEgressRule, RefusedFlow } from '../../domain/egress/types.ts'
import { act, innerAct, type Caller } from '../act.ts'
import { face, grouped } from '../face.ts'
import { AgentName, Id, Note } from '../inputs.ts'
import type { Room } from '../room.ts'

/** On the command line several are separated by commas. */
const listOf = <T extends z.ZodType>(one: T, max: number) =>
  z.preprocess(
    (given) => (typeof given === 'string' ? given.split(',').map((part) => part.trim()) : given),
    z.array(one).min(1).max(max).optional(),
  )

const NewRule = () =>
  z.strictObject({
    effect: z.enum(['allow', 'warn', 'ask', 'block']),
    host: z.string().min(1).max(260),
    port: listOf(z.coerce.number().int().min(1).max(65_535), 64),
    method: listOf(z.string().regex(/^[A-Z]{1,20}$/), 16),
    path: z
      .string()
      .max(2048)
      .regex(/^[/*][\u0021-\u007e]*$/)
      .optional(),
    maxMiB: z.coerce.number().positive().max(1_048_576).optional(),
    perMinute: z.coerce.number().int().min(1).max(100_000).optional(),
    agent: z.string().max(64).optional(),
    template: z.string().max(64).optional(),
    reason: Note.optional(),
    id: Id.optional(),
  })

type Given = z.output<ReturnType<typeof NewRule>>

/** The rule that is meant. */
function ruleIn({ port, method, path, maxMiB, perMinute, host, ...rest }: Given): NewEgressRule {
  const given = { port, method, path, maxMiB, perMinute }
  const set = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...rest, egress: { host, ...Object.fromEntries(set) } } as NewEgressRule
}

function gateOf({ agent }: Caller): string {
  if (agent === undefined) throw new TypeError('only gates tell what agents send')
  return agent
}

/** What leaves pods. */
export const egressRoom: Room = {
  nouns: [egressHostNoun, egressGrantNoun],
  commands: [
    innerAct({
      id: 'egress.refused',
      needs: 'ask',
      audit: 'own',
      run: (deck, flow: RefusedFlow, caller) => deck.egress.refused(gateOf(caller), flow),
    }),
    innerAct({
      id: 'egress.use',
      needs: 'ask',
      audit: 'own',
      run: (deck, { id }: { id: string }, caller) => deck.egress.use(gateOf(caller), id),
    }),
    ...grouped('Decisions', [
      face(
        act({
          id: 'egress.list',
          needs: 'see',
          audit: 'none',
          input: () => z.strictObject({ agent: AgentName.optional() }),
          run: (deck, { agent }) => deck.egress.overview(agent),
          narrow: ({ hosts, open, grants, rules }, sees) => ({
            hosts: hosts.filter((one) => sees(one.agent)),
            open: open.filter((one) => sees(one.agent)),
            grants: grants.filter((one) => sees(one.agent)),
            rules,
          }),
        }),
        {
          title: 'Show egress',
          about: 'deck',
          help: 'Show what leaves pods: rules, open flows, hosts and bytes.',
          cli: 'egress list [agent]',
          example: 'clawdeck egress list a1',
          answer: 'egress',
        },
      ),
      face(
        act({
          id: 'egress.add',
          needs: 'operate',
          audit: 'intent',
          concerns: () => null,
          input: NewRule,
          run: (deck, input, { actor }) => deck.egress.add(ruleIn(input), actor),
        }),
        {
          title: 'Add egress rule',
          about: 'deck',
          help: 'Add a rule about where requests of agents may go.',
          cli: 'egress add <effect> <host>',
          flags: {
            port: { about: 'ports, separated by commas', value: 'n' },
            method: { about: 'methods, separated by commas', value: 'GET' },
            path: { about: 'glob for the path', value: 'glob' },
            maxMiB: { about: 'most that one flow may carry', value: 'n' },
            perMinute: { about: 'most flows and requests a minute', value: 'n' },
            agent: { about: 'agent name or glob', value: 'name' },
            template: { about: 'template name or glob', value: 'name' },
            reason: { about: 'shown to agents', value: 'text' },
            id: { about: 'an id of your own', value: 'id' },
          },
          example: 'clawdeck egress add allow registry.npmjs.org --port 443',
          answer: 'policy',
        },
      ),
      face(
        act({
          id: 'egress.revoke',
          needs: 'operate',
          audit: 'own',
          input: () => z.strictObject({ id: Id }),
          concerns: async (deck, { id }) => {
            const { grants } = await deck.egress.overview()
            const agent = grants.find((grant) => grant.id === id)?.agent
            return agent === undefined ? null : [agent]
          },
          run: (deck, { id }, { actor }) => deck.egress.revoke(id, actor),
        }),
        {
          title: 'Revoke flow',
          about: 'deck',
          help: 'Take back what was allowed once, and end the flows that it opened.',
          cli: 'egress revoke <id>',
          example: 'clawdeck egress revoke apr_…',
          said: (grant) => `${plain(grant.id)} is revoked: ${plain(grant.target)}`,
        },
      ),
      face(
        act({
          id: 'egress.end',
          needs: 'operate',
          audit: 'own',
          input: () => z.strictObject({ agent: AgentName, host: z.string().max(260).optional() }),
          run: (deck, { agent, host }, { actor }) => deck.egress.end(agent, host, actor),
        }),
        {
          title: 'End flows',
          about: 'agent',
          subjectKey: 'agent',
          danger: 'confirm',
          help: 'End the open flows of an agent. What is allowed may begin again.',
          cli: 'egress end <agent> [host]',
          example: 'clawdeck egress end a1 registry.npmjs.org',
          said: ({ ended }) => `${count(ended, 'flow')} ended`,
        },
      ),
    ]),
  ],
}
