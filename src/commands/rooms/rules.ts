import * as z from 'zod'
import { ruleCan } from '../../domain/rules/rules.ts'
import type { RuleRow } from '../../domain/rules/types.ts'
import { act } from '../act.ts'
import { face, grouped, screenFace } from '../face.ts'
import { Id, RuleId, Note } from '../inputs.ts'
import { ruleNoun, ruleUseNoun } from '../../domain/rules/noun.ts'
import type { Room } from '../room.ts'

const Acted = z.strictObject({ id: RuleId, note: Note.default('') })
const Days = z.coerce.number().min(0).max(3650)
const Decision = z.enum(['allow', 'ask'])
const Scope = z.enum(['project', 'domain', 'global'])
const note = { note: { about: 'why, for its history', value: 'text' } }

/** Days on the command line: none for ever. */
const lasting = (days: number): number | null => (days === 0 ? null : days)

/** What a person makes of learned rules. */
export const rulesRoom: Room = {
  nouns: [ruleNoun, ruleUseNoun],
  commands: grouped('Learned rules', [
    face(
      act({
        id: 'rule.confirm',
        needs: 'operate',
        audit: 'own',
        input: () => Acted,
        run: (deck, { id, note }, { actor }) => deck.rules.confirm(id, note, actor),
      }),
      {
        title: 'Confirm rule',
        about: 'rule',
        keys: ['y'],
        hint: 1,
        many: true,
        subjectKey: 'id',
        help: 'Let a rule answer from now on, on your word.',
        cli: 'policy confirm <id>',
        flags: note,
        example: 'clawdeck policy confirm policy_… --note "seen it often enough"',
        unavailable: (rule: RuleRow) => ruleCan.confirm(rule),
        deed: 'confirm-rules',
        answer: 'rule',
      },
    ),
    face(
      act({
        id: 'rule.suspend',
        needs: 'operate',
        audit: 'own',
        input: () => Acted,
        run: (deck, { id, note }, { actor }) => deck.rules.suspend(id, note, actor),
      }),
      {
        title: 'Suspend rule',
        about: 'rule',
        keys: ['p'],
        hint: 2,
        many: true,
        subjectKey: 'id',
        help: 'Let a person decide again what a rule is about.',
        cli: 'policy suspend <id>',
        flags: note,
        example: 'clawdeck policy suspend policy_…',
        unavailable: (rule: RuleRow) => ruleCan.suspend(rule),
        answer: 'rule',
      },
    ),
    face(
      act({
        id: 'rule.resume',
        needs: 'operate',
        audit: 'own',
        input: () => Acted,
        run: (deck, { id, note }, { actor }) => deck.rules.resume(id, note, actor),
      }),
      {
        title: 'Resume rule',
        about: 'rule',
        keys: ['u'],
        hint: 3,
        many: true,
        subjectKey: 'id',
        help: 'Make a suspended rule a candidate, which learns again.',
        cli: 'policy resume <id>',
        flags: note,
        example: 'clawdeck policy resume policy_…',
        unavailable: (rule: RuleRow) => ruleCan.resume(rule),
        answer: 'rule',
      },
    ),
    face(
      act({
        id: 'rule.archive',
        needs: 'operate',
        audit: 'own',
        input: () => Acted,
        run: (deck, { id, note }, { actor }) => deck.rules.archive(id, note, actor),
      }),
      {
        title: 'Archive rule',
        about: 'rule',
        keys: ['x'],
        hint: 5,
        danger: 'confirm',
        many: true,
        subjectKey: 'id',
        help: 'Put a rule away; it says nothing any more, and can be restored.',
        cli: 'policy archive <id>',
        flags: note,
        example: 'clawdeck policy archive policy_…',
        unavailable: (rule: RuleRow) => ruleCan.archive(rule),
        answer: 'rule',
      },
    ),
    face(
      act({
        id: 'rule.restore',
        needs: 'operate',
        audit: 'own',
        input: () => Acted,
        run: (deck, { id, note }, { actor }) => deck.rules.restore(id, note, actor),
      }),
      {
        title: 'Restore rule',
        about: 'rule',
        keys: ['b'],
        hint: 6,
        many: true,
        subjectKey: 'id',
        help: 'Take a rule out of the archive, as a candidate.',
        cli: 'policy restore <id>',
        flags: note,
        example: 'clawdeck policy restore policy_…',
        unavailable: (rule: RuleRow) => ruleCan.restore(rule),
        answer: 'rule',
      },
    ),
    face(
      act({
        id: 'rule.propose',
        needs: 'operate',
        audit: 'own',
        input: () =>
          z.strictObject({
            approval: Id,
            width: z.enum(['exact', 'kind', 'family']).default('exact'),
            ask: z.boolean().default(false),
            scope: Scope.default('project'),
            days: Days.default(7),
            note: Note.optional(),
          }),
        run: (deck, { ask, days, ...input }, { actor }) =>
          deck.rules.propose(
            { ...input, decision: ask ? 'ask' : 'allow', days: lasting(days) },
            actor,
          ),
      }),
      {
        title: 'Make a rule',
        about: 'deck',
        help: 'Make a rule of a question that was asked: exactly this, this kind or this family; for 7 days unless said otherwise.',
        cli: 'policy propose <approval>',
        flags: {
          width: { about: 'exact (default), kind or family', value: 'width' },
          ask: { about: 'always want a person, instead of allowing' },
          scope: {
            about: 'project, its agent (default); domain, its kind of work; global',
            value: 'scope',
          },
          days: { about: 'how long it holds (7); 0 until somebody ends it', value: 'n' },
          ...note,
        },
        example: 'clawdeck policy propose apr_… --width kind --days 30',
        answer: 'rule',
      },
    ),
    face(
      act({
        id: 'rule.edit',
        needs: 'operate',
        audit: 'own',
        input: () =>
          z.strictObject({
            id: RuleId,
            summary: z.string().trim().min(1).max(500).optional(),
            trigger: z.array(z.string().min(1).max(4096)).min(1).max(32).optional(),
            decision: Decision.optional(),
            scope: Scope.optional(),
            key: z.string().max(200).optional(),
            days: Days.optional(),
          }),
        run: (deck, { id, key, days, ...change }, { actor }) =>
          deck.rules.edit(
            id,
            {
              ...change,
              ...(key === undefined ? {} : { scopeKey: key }),
              ...(days === undefined ? {} : { days: lasting(days) }),
            },
            actor,
          ),
      }),
      {
        title: 'Change rule',
        about: 'rule',
        subjectKey: 'id',
        unavailable: (rule: RuleRow) => ruleCan.edit(rule),
        help: 'Change what a rule says or how long it holds. One that is made to be about something else has to be confirmed again.',
        cli: 'policy edit <id>',
        flags: {
          summary: { about: 'what it is called', value: 'text' },
          trigger: {
            about: 'when it speaks, as command:npm test; once for each',
            value: 'text',
            many: true,
          },
          decision: { about: 'allow or ask', value: 'decision' },
          scope: { about: 'project, domain or global', value: 'scope' },
          key: { about: 'the agent, or the kind of work', value: 'name' },
          days: { about: 'how long from now; 0 until somebody ends it', value: 'n' },
        },
        example: 'clawdeck policy edit policy_… --days 30',
        deed: 'edit-rule',
        answer: 'rule',
      },
    ),
    screenFace('rule.edit_form', {
      title: 'Change rule…',
      about: 'rule',
      keys: ['e'],
      hint: 4,
      help: 'Change what a rule says, when, where and how long.',
      unavailable: (rule: RuleRow) => ruleCan.edit(rule),
      deed: 'edit-rule',
    }),
    face(
      act({
        id: 'rule.merge',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ ids: z.array(RuleId).min(2).max(100) }),
        run: (deck, { ids }, { actor }) => deck.rules.merge(ids, actor),
      }),
      {
        title: 'Merge rules',
        about: 'deck',
        help: 'Put rules together that decide the same in the same place: the first keeps what it says and gets the evidence of all, the others are archived.',
        cli: 'policy merge <ids...>',
        example: 'clawdeck policy merge policy_… policy_…2',
        answer: 'rule',
      },
    ),
    screenFace('rule.merge_form', {
      title: 'Merge rules…',
      about: 'rule',
      keys: ['m'],
      hint: 7,
      many: true,
      help: 'Merge the marked rules into the one under the cursor.',
      unavailable: (rule: RuleRow) => ruleCan.edit(rule),
      deed: 'merge-rules',
    }),
    face(
      act({
        id: 'rule.missed',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ action: Id, note: Note.default('') }),
        run: (deck, { action, note }, { actor }) => deck.rules.missed(action, note, actor),
      }),
      {
        title: 'Should have asked',
        about: 'deck',
        help: 'Complain that a person should have been asked about an action; twice suspends the rule that allowed it.',
        cli: 'policy missed <action>',
        flags: note,
        example: 'clawdeck policy missed act_…',
        answer: 'changed-rules',
      },
    ),
  ]),
}
