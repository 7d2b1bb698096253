import * as z from 'zod'
import { act } from '../act.ts'
import { face, grouped } from '../face.ts'
import { TemplateName, Nothing } from '../inputs.ts'
import type { Room } from '../room.ts'

export const templatesRoom: Room = {
  nouns: [],
  commands: grouped('Agents', [
    face(
      act({
        id: 'template.list',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        concerns: () => [],
        run: (deck) => deck.templates.list(),
      }),
      {
        title: 'List templates',
        about: 'deck',
        help: 'List templates, built-in and your own.',
        cli: 'templates list',
        example: 'clawdeck templates list',
        answer: 'templates',
      },
    ),
    face(
      act({
        id: 'template.show',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ name: TemplateName }),
        concerns: () => [],
        run: (deck, { name }) => deck.templates.show(name),
      }),
      {
        title: 'Show template',
        about: 'deck',
        help: 'Show the text of a template.',
        cli: 'templates show <name>',
        example: 'clawdeck templates show coder',
        answer: 'template',
      },
    ),
  ]),
}
