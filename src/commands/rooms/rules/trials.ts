import * as z from 'zod'
import type { PolicyTrial } from '../../../domain/rules/trials/types.ts'
import { act } from '../../act.ts'
import { face, grouped } from '../../face.ts'
import { AgentName } from '../../inputs.ts'
import type { Room } from '../../room.ts'

const SimulationInput = z.strictObject({
  what: z.string().min(1).max(4096),
  act: z.enum(['confirm', 'suspend', 'archive']).optional(),
  agent: AgentName.optional(),
  since: z.coerce.date().optional(),
  width: z.enum(['exact', 'kind', 'family']).default('exact'),
  ask: z.boolean().default(false),
  scope: z.enum(['project', 'domain', 'global']).default('project'),
})

/** What to simulate: the id of an approval is a rule for it, a path is a file, others are rules. */
function trialOf({
  what,
  act,
  width,
  ask,
  scope,
}: z.output<typeof SimulationInput>): PolicyTrial | { kind: 'file'; path: string } {
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
        input: () => SimulationInput,
        run: (deck, input, { signal }) =>
          deck.rules.simulate(trialOf(input), {
            agent: input.agent,
            since: input.since?.getTime(),
            signal,
          }),
      }),
      {
        title: 'Simulate on the past',
        about: 'rule',
        keys: ['t'],
        hint: 4,
        subjectKey: 'what',
        help: 'Replay the recorded past with a change, and show which answers would differ. The change is a rule confirmed or suspended, a new rule from an approval, or a file of policies or rules. Nothing is changed.',
        cli: 'policy simulate <what>',
        flags: {
          act: {
            about:
              'confirm, suspend or archive; by default a confirmed rule is suspended and any other confirmed',
            value: 'act',
          },
          agent: { about: 'only this agent', value: 'name' },
          since: { about: 'only from this time on, such as 2026-01-31T12:00', value: 'time' },
          width: {
            about: 'of a new rule: exact (default), kind or family',
            value: 'width',
          },
          ask: { about: 'a new rule that always asks, instead of one that allows' },
          scope: {
            about: 'of a new rule: project (default), domain or global',
            value: 'scope',
          },
        },
        example: 'clawdeck policy simulate policy_…',
        short: 'simulate',
        inConsole: 'try-rule',
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
        help: 'Show how an action was decided, layer by layer, and what would change it; or why the status of a rule changed. The id is of an action, an approval, a rule or an event.',
        cli: 'policy why <id>',
        example: 'clawdeck policy why act_…',
        answer: 'why',
      },
    ),
  ]),
}
