import * as z from 'zod'
import { act } from '../../act.ts'
import { face, grouped, screenFace } from '../../face.ts'
import { AgentName, Nothing, Id, RuleId, Limit } from '../../inputs.ts'
import type { Room } from '../../room.ts'

const OneRule = z.strictObject({ id: RuleId })

/** Questions about learned rules. */
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
        help: 'List learned rules, most in need of review first.',
        cli: 'policy rules',
        flags: {
          status: { about: 'hint, candidate, confirmed, suspended or archived', value: 'state' },
          agent: { about: 'only rules for this agent', value: 'name' },
          text: { about: 'words in the rule', value: 'words' },
          limit: { about: 'at most this many (100)', value: 'n' },
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
        help: 'Show a rule: its effect, what it still needs, its evidence, history and conflicts.',
        cli: 'policy rule <id>',
        example: 'clawdeck policy rule policy_…',
        inConsole: 'rule-page',
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
        title: 'Status of learned rules',
        about: 'deck',
        help: 'Count rules by status, and show the latest changes and what needs review.',
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
        title: 'Recent changes of rules',
        about: 'deck',
        help: 'List rules whose status changed, latest first.',
        cli: 'policy recent',
        flags: { limit: { about: 'at most this many (10)', value: 'n' } },
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
        help: 'List confirmed rules that allow high or critical risk.',
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
        help: 'List suspended rules, which ask again, and why.',
        cli: 'policy suspended',
        flags: { limit: { about: 'at most this many (20)', value: 'n' } },
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
        title: 'Possible rules for an approval',
        about: 'deck',
        help: 'List the rules that an approval could become, narrowest first, and what each would have covered.',
        cli: 'policy proposals <approval>',
        flags: { ask: { about: 'rules that always ask, instead of rules that allow' } },
        example: 'clawdeck policy proposals apr_…',
        answer: 'rule-proposals',
      },
    ),
    screenFace('rule.reasons', {
      title: 'Why',
      about: 'rule',
      keys: ['w'],
      help: 'Show why a rule has its status.',
      inConsole: 'why-rule',
    }),
  ]),
}
