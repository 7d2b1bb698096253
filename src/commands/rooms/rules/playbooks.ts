import { plain } from '../../../base/text.ts'
import * as z from 'zod'
import { act } from '../../act.ts'
import { face, grouped } from '../../face.ts'
import { Nothing, RuleId } from '../../inputs.ts'
import { playbookNoun } from '../../../domain/rules/noun.ts'
import type { Room } from '../../room.ts'

const PlaybookId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'must be 1 to 64 letters, digits, - _ and .')

export const playbooksRoom: Room = {
  nouns: [playbookNoun],
  commands: grouped('Learned rules', [
    face(
      act({
        id: 'playbook.list',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.playbooks.list(),
      }),
      {
        title: 'List playbooks',
        about: 'deck',
        help: 'List playbooks, which are named groups of rules.',
        cli: 'policy playbook list',
        example: 'clawdeck policy playbook list',
        answer: 'playbooks',
      },
    ),
    face(
      act({
        id: 'playbook.save',
        needs: 'operate',
        audit: 'own',
        input: () =>
          z.strictObject({
            id: PlaybookId.optional(),
            summary: z.string().trim().min(1).max(500),
            rules: z.array(RuleId).min(1).max(200),
          }),
        run: (deck, input, { actor }) => deck.playbooks.save(input, actor),
      }),
      {
        title: 'Save playbook',
        about: 'deck',
        help: 'Create a playbook, or change its rules.',
        cli: 'policy playbook save <summary> <rules...>',
        flags: {
          id: { about: 'the playbook to change, or an id for a new one', value: 'id' },
        },
        example: 'clawdeck policy playbook save "releases" policy_… policy_…2',
        answer: 'playbook',
      },
    ),
    face(
      act({
        id: 'playbook.rm',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ id: RuleId }),
        run: (deck, { id }, { actor }) => deck.playbooks.remove(id, actor),
      }),
      {
        title: 'Remove playbook',
        about: 'deck',
        danger: 'confirm',
        help: 'Remove a playbook. Its rules stay.',
        cli: 'policy playbook rm <id>',
        example: 'clawdeck policy playbook rm playbook_…',
        said: ({ id }) => `${plain(id, 80)} is removed; its rules stay`,
      },
    ),
    face(
      act({
        id: 'playbook.apply',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ id: RuleId, act: z.enum(['confirm', 'suspend', 'archive']) }),
        run: (deck, { id, act }, { actor }) => deck.playbooks.apply(id, act, actor),
      }),
      {
        title: 'Apply to playbook',
        about: 'deck',
        danger: 'confirm',
        help: 'Confirm, suspend or archive all rules of a playbook, or none if one cannot be.',
        cli: 'policy playbook apply <id> <act>',
        example: 'clawdeck policy playbook apply playbook_… confirm',
        answer: 'playbook-applied',
      },
    ),
    face(
      act({
        id: 'playbook.suggest',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.playbooks.suggest(),
      }),
      {
        title: 'Suggest playbooks',
        about: 'deck',
        help: 'List rules from the same work, which could be one playbook.',
        cli: 'policy playbook suggest',
        example: 'clawdeck policy playbook suggest',
        answer: 'playbook-suggestions',
      },
    ),
  ]),
}
