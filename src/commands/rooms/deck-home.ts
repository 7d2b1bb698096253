import * as z from 'zod'
import { grouped, screenFace } from '../face.ts'
import { Nothing } from '../inputs.ts'
import type { Room } from '../room.ts'

/** What the program does by itself. */
export const deckHomeRoom: Room = {
  nouns: [],
  commands: grouped('The deck', [
    screenFace('deck.open', {
      title: 'Open the console',
      about: 'deck',
      help: 'Open the console (what `clawdeck` alone does); without a terminal, print a plain status.',
      cli: 'console',
      example: 'clawdeck',
      input: () => Nothing,
      hidden: true,
      here: 'console',
    }),
    screenFace('deck.demo', {
      title: 'Demo',
      about: 'deck',
      help: 'A living fleet with no container engine, to try every key.',
      cli: 'demo',
      example: 'clawdeck demo',
      input: () => Nothing,
      deed: 'demo',
      here: 'demo',
    }),
    screenFace('deck.init', {
      title: 'Initialise',
      about: 'deck',
      help: 'Make the deck home: folders, host key, settings.',
      cli: 'init',
      example: 'clawdeck init',
      input: () => Nothing,
      here: 'init',
    }),
    screenFace('deck.doctor', {
      title: 'Doctor',
      about: 'deck',
      help: 'Check everything that can be wrong on this machine, each with its fix.',
      cli: 'doctor',
      example: 'clawdeck doctor',
      input: () => Nothing,
      here: 'doctor',
    }),
    screenFace('deck.completions', {
      title: 'Shell completions',
      about: 'deck',
      help: 'Print completions for bash, zsh or fish.',
      cli: 'completions <shell>',
      example: 'source <(clawdeck completions bash)',
      input: () => z.strictObject({ shell: z.enum(['bash', 'zsh', 'fish']) }),
      here: 'completions',
    }),
    screenFace('deck.reference', {
      title: 'Reference',
      about: 'deck',
      help: 'Print every command, key, fault and setting.',
      cli: 'reference',
      flags: { markdown: { about: 'as Markdown' } },
      example: 'clawdeck reference --markdown',
      input: () => z.strictObject({ markdown: z.boolean().default(false) }),
      here: 'reference',
    }),
  ]),
}
