import * as z from 'zod'
import { ruleCan } from '../../../domain/rules/rules.ts'
import type { RuleRow } from '../../../domain/rules/types.ts'
import { act } from '../../act.ts'
import { face, grouped, screenFace } from '../../face.ts'
import { Id, RuleId, Note } from '../../inputs.ts'
import { ruleNoun, ruleUseNoun } from '../../../domain/rules/noun.ts'
import type { Room } from '../../room.ts'

const Acted = z.strictObject({ id: RuleId, note: Note.default('') })
const Days = z.coerce.number().min(0).max(3650)
const Decision = z.enum(['allow', 'ask'])
const Scope = z.enum(['project', 'domain', 'global'])
const note = { note: { about: 'why, for its history', value: 'text' } }

/** Days on the command line; 0 is without end. */
const daysOrNone = (days: number): number | null => (days === 0 ? null : days)

/** Acts on learned rules. */
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
        help: 'Confirm a rule, so that it answers from now on.',
        cli: 'policy confirm <id>',
        flags: note,
        example: 'clawdeck policy confirm policy_… --note "seen it often enough"',
        unavailable: (rule: RuleRow) => ruleCan.confirm(rule),
        inConsole: 'confirm-rules',
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
        help: 'Suspend a rule, so that it asks again.',
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
        help: 'Make a suspended rule a candidate again.',
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
        help: 'Archive a rule. It has no effect, and can be restored.',
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
        help: 'Restore an archived rule as a candidate.',
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
            { ...input, decision: ask ? 'ask' : 'allow', days: daysOrNone(days) },
            actor,
          ),
      }),
      {
        title: 'Create rule',
        about: 'deck',
        help: 'Create a rule from an approval. It lasts 7 days, unless --days says otherwise.',
        cli: 'policy propose <approval>',
        flags: {
          width: {
            about: 'exact (default); kind, such as every git push; family, such as every git',
            value: 'width',
          },
          ask: { about: 'always ask, instead of allowing' },
          scope: {
            about: 'project, for its agent (default); domain, for its kind of work; global',
            value: 'scope',
          },
          days: { about: 'how long it lasts (7); 0 for no end', value: 'n' },
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
              ...(days === undefined ? {} : { days: daysOrNone(days) }),
            },
            actor,
          ),
      }),
      {
        title: 'Change rule',
        about: 'rule',
        subjectKey: 'id',
        unavailable: (rule: RuleRow) => ruleCan.edit(rule),
        help: 'Change a rule, or how long it lasts. If you change what it is about, you have to confirm it again.',
        cli: 'policy edit <id>',
        flags: {
          summary: { about: 'a short description', value: 'text' },
          trigger: {
            about: 'a condition, such as command:npm test; repeat it for more',
            value: 'text',
            many: true,
          },
          decision: { about: 'allow or ask', value: 'decision' },
          scope: { about: 'project, domain or global', value: 'scope' },
          key: { about: 'an agent, or a kind of work', value: 'name' },
          days: { about: 'how long from now; 0 for no end', value: 'n' },
        },
        example: 'clawdeck policy edit policy_… --days 30',
        inConsole: 'edit-rule',
        answer: 'rule',
      },
    ),
    screenFace('rule.edit_form', {
      title: 'Change rule…',
      about: 'rule',
      keys: ['e'],
      hint: 4,
      help: 'Change a rule: its conditions, decision, scope and end.',
      unavailable: (rule: RuleRow) => ruleCan.edit(rule),
      inConsole: 'edit-rule',
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
        help: 'Merge rules with the same decision and scope. The first stays and gets the evidence of all; the others are archived.',
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
      inConsole: 'merge-rules',
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
        help: 'Report that an action should have been asked about. A second report suspends the rule that allowed it.',
        cli: 'policy missed <action>',
        flags: note,
        example: 'clawdeck policy missed act_…',
        answer: 'changed-rules',
      },
    ),
  ]),
}
