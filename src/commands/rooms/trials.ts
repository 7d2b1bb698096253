import * as z from 'zod'
import type { PolicyTrial } from '../../domain/rules/trials/types.ts'
import { act } from '../act.ts'
import { face, grouped } from '../face.ts'
import { AgentName } from '../inputs.ts'
import type { Room } from '../room.ts'

const Simulated = z.strictObject({
  what: z.string().min(1).max(4096),
  act: z.enum(['confirm', 'suspend', 'archive']).optional(),
  agent: AgentName.optional(),
  since: z.coerce.date().optional(),
  width: z.enum(['exact', 'kind', 'family']).default('exact'),
  ask: z.boolean().default(false),
  scope: z.enum(['project', 'domain', 'global']).default('project'),
})

/** What is to be tried: a question by its id makes a rule about it, a path is a file, anything else a rule. */
function trialOf({
  what,
  act,
  width,
  ask,
  scope,
}: z.output<typeof Simulated>): PolicyTrial | { kind: 'file'; path: string } {
  if (/^(?:apr|act)_[0-9A-Za-z]+$/.test(what))
    return { kind: 'proposal', approval: what, width, decision: ask ? 'ask' : 'allow', scope }
  return what.startsWith('/') ? { kind: 'file', path: what } : { kind: 'rule', id: what, act }
}

export const trialsRoom: Room = {
  nouns: [],
  commands: grouped('Learned rules', [
    face(
      act({
        id: 'rule.simulate',
        needs: 'see',
        audit: 'none',
        input: () => Simulated,
        run: (deck, input, { signal }) =>
          deck.rules.simulate(trialOf(input), {
            agent: input.agent,
            since: input.since?.getTime(),
            signal,
          }),
      }),
      {
        title: 'Try it on the past',
        about: 'rule',
        keys: ['t'],
        hint: 4,
        subjectKey: 'what',
        help: 'What of the recorded past would have been answered otherwise: with a rule confirmed (or suspended), with a new rule about a question, or with a file of policies or of rules. Changes nothing.',
        cli: 'policy simulate <what>',
        flags: {
          act: {
            about:
              'confirm, suspend or archive the rule; without it, suspend what is confirmed and confirm the rest',
            value: 'act',
          },
          agent: { about: 'only this agent', value: 'name' },
          since: { about: 'only what was asked after this ISO time', value: 'time' },
          width: {
            about: 'of a new rule about a question: exact (default), kind or family',
            value: 'width',
          },
          ask: { about: 'a new rule that always wants a person, instead of one that allows' },
          scope: {
            about: 'where a new rule holds: project (default), domain or global',
            value: 'scope',
          },
        },
        example: 'clawdeck policy simulate policy_…',
        short: 'try',
        deed: 'try-rule',
        paths: { what: 'maybe' },
        answer: 'simulation',
      },
    ),
    face(
      act({
        id: 'rule.why',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ id: z.coerce.string().min(1).max(64) }),
        run: (deck, { id }) => deck.rules.why(id),
      }),
      {
        title: 'Why',
        about: 'event',
        keys: ['w'],
        hint: 1,
        subjectKey: 'id',
        help: 'How an answer came about, layer by layer, and the smallest changes that would turn it; or why a rule moved. By action, approval, rule, or the number of an event.',
        cli: 'policy why <id>',
        example: 'clawdeck policy why act_…',
        answer: 'why',
      },
    ),
  ]),
}
