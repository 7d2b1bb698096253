import * as z from 'zod'
import { act } from '../act.ts'
import { face, grouped, screenFace } from '../face.ts'
import { AgentName, Nothing, Id, RuleId, Limit } from '../inputs.ts'
import type { Room } from '../room.ts'

const OneRule = z.strictObject({ id: RuleId })
/** What is asked of learned rules. */
export const ruleQuestionsRoom: Room = {
  nouns: [],
  commands: grouped('Learned rules', [
    face(
      act({
        id: 'rule.list',
        needs: 'see',
        audit: 'none',
        input: () =>
          z.strictObject({
            status: z.enum(['hint', 'candidate', 'confirmed', 'suspended', 'archived']).optional(),
            agent: AgentName.optional(),
            text: z.string().max(200).optional(),
            limit: Limit.default(100),
          }),
        run: (deck, filter) => deck.rules.list(filter),
      }),
      {
        title: 'List learned rules',
        about: 'deck',
        help: 'What was learned, most in need of a look first.',
        cli: 'policy rules',
        flags: {
          status: { about: 'hint, candidate, confirmed, suspended or archived', value: 'state' },
          agent: { about: 'those that hold for it', value: 'name' },
          text: { about: 'words in what it says', value: 'words' },
          limit: { about: 'how many at most (100)', value: 'n' },
        },
        example: 'clawdeck policy rules --status candidate',
        answer: 'rules',
      },
    ),
    face(
      act({
        id: 'rule.get',
        needs: 'see',
        audit: 'none',
        input: () => OneRule,
        run: (deck, { id }) => deck.rules.get(id),
      }),
      {
        title: 'Show rule',
        about: 'rule',
        subjectKey: 'id',
        help: 'One rule: what it says, what it still needs, its evidence, its history, its conflicts.',
        cli: 'policy rule <id>',
        example: 'clawdeck policy rule policy_…',
        deed: 'rule-page',
        answer: 'rule-page',
      },
    ),
    face(
      act({
        id: 'rule.status',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.rules.status(),
      }),
      {
        title: 'Where learned rules stand',
        about: 'deck',
        help: 'How many rules are in each state, the latest moves, and what wants a look.',
        cli: 'policy status',
        example: 'clawdeck policy status',
        answer: 'rule-status',
      },
    ),
    face(
      act({
        id: 'rule.recent',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ limit: Limit.default(10) }),
        run: (deck, { limit }) => deck.rules.recent(limit),
      }),
      {
        title: 'Recent moves of rules',
        about: 'deck',
        help: 'Rules that moved from one state to another, latest first.',
        cli: 'policy recent',
        flags: { limit: { about: 'how many at most (10)', value: 'n' } },
        example: 'clawdeck policy recent --limit 20',
        answer: 'rule-moments',
      },
    ),
    face(
      act({
        id: 'rule.risky',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.rules.risky(),
      }),
      {
        title: 'Risky rules',
        about: 'deck',
        help: 'Confirmed rules that allow what is of high or critical risk.',
        cli: 'policy risky',
        example: 'clawdeck policy risky',
        answer: 'risky-rules',
      },
    ),
    face(
      act({
        id: 'rule.suspended',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ limit: Limit.default(20) }),
        run: (deck, { limit }) => deck.rules.list({ status: 'suspended', limit }),
      }),
      {
        title: 'Suspended rules',
        about: 'deck',
        help: 'Rules that ask again, and why.',
        cli: 'policy suspended',
        flags: { limit: { about: 'how many at most (20)', value: 'n' } },
        example: 'clawdeck policy suspended',
        answer: 'suspended-rules',
      },
    ),
    face(
      act({
        id: 'rule.proposals',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ approval: Id, ask: z.boolean().default(false) }),
        run: (deck, { approval, ask }) => deck.rules.proposals(approval, ask ? 'ask' : 'allow'),
      }),
      {
        title: 'Rules that a question could make',
        about: 'deck',
        help: 'What a rule about this question could say, narrowest first, and what it would have covered so far.',
        cli: 'policy proposals <approval>',
        flags: { ask: { about: 'rules that always want a person, instead of rules that allow' } },
        example: 'clawdeck policy proposals apr_…',
        answer: 'rule-proposals',
      },
    ),
    screenFace('rule.reasons', {
      title: 'Why',
      about: 'rule',
      keys: ['w'],
      help: 'Why a rule is in the state that it is in.',
      deed: 'why-rule',
    }),
  ]),
}
