import * as z from 'zod'
import { command, query } from './command.ts'
import { Nothing } from './inputs.ts'

const OnePack = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "a pack's name has 1 to 32 of a–z, 0–9 and -"),
})

export const packRows = [
  query({
    id: 'pack.list',
    title: 'List policy packs',
    about: 'deck',
    viewer: true,
    help: 'Policies that come as a set, the built-in ones and yours.',
    cli: 'policy pack list',
    example: 'clawdeck policy pack list',
    input: () => Nothing,
    run: (deck) => deck.packs.list(),
  }),
  query({
    id: 'pack.show',
    title: 'Show policy pack',
    about: 'deck',
    viewer: true,
    help: 'What a pack says, and the cases that it keeps.',
    cli: 'policy pack show <name>',
    example: 'clawdeck policy pack show git-safety',
    input: () => OnePack,
    run: (deck, { name }) => deck.packs.show(name),
  }),
  query({
    id: 'pack.test',
    title: 'Test policy pack',
    about: 'deck',
    viewer: true,
    help: 'Put every case of a pack to its policies.',
    cli: 'policy pack test <name>',
    example: 'clawdeck policy pack test git-safety',
    input: () => OnePack,
    run: (deck, { name }) => deck.packs.test(name),
  }),
  command({
    id: 'pack.enable',
    title: 'Enable policy pack',
    about: 'deck',
    help: 'Put a pack in force: its name is written to policies.yaml.',
    cli: 'policy pack enable <name>',
    example: 'clawdeck policy pack enable git-safety',
    input: () => OnePack,
    run: (deck, { name }, { actor }) => deck.packs.enable(name, actor),
  }),
  command({
    id: 'pack.disable',
    title: 'Disable policy pack',
    about: 'deck',
    danger: 'confirm',
    help: 'Take a pack out of force.',
    cli: 'policy pack disable <name>',
    example: 'clawdeck policy pack disable git-safety',
    input: () => OnePack,
    run: (deck, { name }, { actor }) => deck.packs.disable(name, actor),
  }),
]
