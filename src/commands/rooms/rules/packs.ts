import { count, plain } from '../../../base/text.ts'
import * as z from 'zod'
import { act } from '../../act.ts'
import { face, grouped } from '../../face.ts'
import { Nothing } from '../../inputs.ts'
import { rightToRemove } from '../../removal.ts'
import type { Room } from '../../room.ts'

const OnePack = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z][a-z0-9-]{0,31}$/,
      'must be 1 to 32 characters of a–z, 0–9 and -, starting with a letter',
    ),
})

export const packsRoom: Room = {
  nouns: [],
  commands: grouped('Decisions', [
    face(
      act({
        id: 'pack.list',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.packs.list(),
      }),
      {
        title: 'List policy packs',
        about: 'deck',
        help: 'List policy packs, built-in and your own.',
        cli: 'policy pack list',
        example: 'clawdeck policy pack list',
        answer: 'packs',
      },
    ),
    face(
      act({
        id: 'pack.show',
        needs: 'see',
        audit: 'none',
        input: () => OnePack,
        run: (deck, { name }) => deck.packs.show(name),
      }),
      {
        title: 'Show policy pack',
        about: 'deck',
        help: 'Show the policies and the test cases of a pack.',
        cli: 'policy pack show <name>',
        example: 'clawdeck policy pack show git-safety',
        answer: 'pack',
      },
    ),
    face(
      act({
        id: 'pack.test',
        needs: 'see',
        audit: 'none',
        input: () => OnePack,
        run: (deck, { name }) => deck.packs.test(name),
      }),
      {
        title: 'Test policy pack',
        about: 'deck',
        help: 'Run the test cases of a pack.',
        cli: 'policy pack test <name>',
        example: 'clawdeck policy pack test git-safety',
        said: ({ name, cases }) => `✓ ${plain(name)}: ${count(cases, 'test case')} passed`,
      },
    ),
    face(
      act({
        id: 'pack.enable',
        needs: 'operate',
        audit: 'intent',
        input: () => OnePack,
        run: (deck, { name }, { actor }) => deck.packs.enable(name, actor),
      }),
      {
        title: 'Enable policy pack',
        about: 'deck',
        help: 'Enable a pack. Its name is added to policies.yaml.',
        cli: 'policy pack enable <name>',
        example: 'clawdeck policy pack enable git-safety',
        said: ({ name, policies }) =>
          `${plain(name)} is enabled: ${count(policies, 'policy', 'policies')}`,
      },
    ),
    face(
      act({
        id: 'pack.disable',
        needs: 'operate',
        audit: 'intent',
        input: () => OnePack,
        needsNow: (deck, { name }) => rightToRemove(deck, ({ pack }) => pack === name),
        run: (deck, { name }, { actor }) => deck.packs.disable(name, actor),
      }),
      {
        title: 'Disable policy pack',
        about: 'deck',
        danger: 'confirm',
        help: 'Disable a pack.',
        cli: 'policy pack disable <name>',
        example: 'clawdeck policy pack disable git-safety',
        said: ({ name }) => `${plain(name)} is disabled`,
      },
    ),
  ]),
}
