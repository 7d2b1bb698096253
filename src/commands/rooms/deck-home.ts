import * as z from 'zod'
import { grouped, screenFace } from '../face.ts'
import { Nothing } from '../inputs.ts'
import type { Room } from '../room.ts'

/** What the program does without a supervisor. */
export const deckHomeRoom: Room = {
  nouns: [],
  commands: grouped('Deck', [
    screenFace('deck.open', {
      title: 'Open the console',
      about: 'deck',
      help: 'Open the console, as clawdeck alone does. Without a terminal, print a status.',
      cli: 'console',
      example: 'clawdeck',
      input: () => Nothing,
      hidden: true,
      inCli: 'console',
    }),
    screenFace('deck.demo', {
      title: 'Demo',
      about: 'deck',
      help: 'Try the console on a demo fleet, without a container engine.',
      cli: 'demo',
      example: 'clawdeck demo',
      input: () => Nothing,
      inConsole: 'demo',
      inCli: 'demo',
    }),
    screenFace('deck.init', {
      title: 'Create deck home',
      about: 'deck',
      help: 'Create the deck home: folders, host key and settings.',
      cli: 'init',
      example: 'clawdeck init',
      input: () => Nothing,
      inCli: 'init',
    }),
    screenFace('deck.doctor', {
      title: 'Doctor',
      about: 'deck',
      help: 'Check this machine, and say how to fix what is wrong.',
      cli: 'doctor',
      example: 'clawdeck doctor',
      input: () => Nothing,
      inCli: 'doctor',
    }),
    screenFace('deck.completions', {
      title: 'Shell completions',
      about: 'deck',
      help: 'Print completions for bash, zsh or fish.',
      cli: 'completions <shell>',
      example: 'source <(clawdeck completions bash)',
      input: () => z.strictObject({ shell: z.enum(['bash', 'zsh', 'fish']) }),
      inCli: 'completions',
    }),
    screenFace('deck.reference', {
      title: 'Reference',
      about: 'deck',
      help: 'Print all commands, keys, faults and settings.',
      cli: 'reference',
      flags: { markdown: { about: 'as Markdown' } },
      example: 'clawdeck reference --markdown',
      input: () => z.strictObject({ markdown: z.boolean().default(false) }),
      inCli: 'reference',
    }),
  ]),
}
