import * as z from 'zod'
import { command, query, screen } from './command.ts'
import { Nothing } from './inputs.ts'

export const deckRows = [
  screen({ id: 'deck.open', title: 'Open the console', about: 'deck', help: 'Open the console (what `clawdeck` alone does); without a terminal, print a plain status.', cli: 'console', example: 'clawdeck', input: () => Nothing }),
  screen({ id: 'deck.demo', title: 'Demo', about: 'deck', help: 'A living fleet with no container engine, to try every key.', cli: 'demo', example: 'clawdeck demo', input: () => Nothing }),
  screen({ id: 'deck.init', title: 'Initialise', about: 'deck', help: 'Make the deck home: folders, host key, settings.', cli: 'init', example: 'clawdeck init', input: () => Nothing }),
  screen({ id: 'deck.doctor', title: 'Doctor', about: 'deck', help: 'Check everything that can be wrong on this machine, each with its fix.', cli: 'doctor', example: 'clawdeck doctor', input: () => Nothing }),
  screen({
    id: 'deck.completions', title: 'Shell completions', about: 'deck', help: 'Print completions for bash, zsh or fish.', cli: 'completions <shell>', example: 'source <(clawdeck completions bash)',
    input: () => z.strictObject({ shell: z.enum(['bash', 'zsh', 'fish']) }),
  }),
  screen({ id: 'deck.reference', title: 'Reference', about: 'deck', help: 'Print every command and key as Markdown.', cli: 'reference', example: 'clawdeck reference', input: () => Nothing }),
  command({
    id: 'image.build', title: 'Build agent image', about: 'deck', stream: true, help: 'Build the agent image; without --base from this machine\'s busybox and Node, no registry needed.',
    cli: 'image build', flags: { tag: { about: 'image name (localhost/clawdeck-agent:latest)', value: 'tag' }, base: { about: 'base image, or scratch', value: 'image' }, noCache: { about: 'build every step anew' } },
    example: 'clawdeck image build',
    input: () => z.strictObject({ tag: z.string().max(200).default('localhost/clawdeck-agent:latest'), base: z.string().max(200).default('scratch'), noCache: z.boolean().default(false) }),
    run: (deck, input, { actor, signal }) => deck.images.build({ ...input, signal }, actor),
  }),
  query({ id: 'supervisor.status', title: 'Supervisor status', about: 'deck', viewer: true, help: 'The background process of this deck.', cli: 'supervisor status', example: 'clawdeck supervisor status', input: () => Nothing, run: (deck) => deck.supervisor.status() }),
  command({ id: 'supervisor.stop', title: 'Stop supervisor', about: 'deck', danger: 'confirm', help: 'Stop the background process. Agents keep running, ungoverned: whatever they ask is denied.', cli: 'supervisor stop', example: 'clawdeck supervisor stop', input: () => Nothing, run: (deck) => deck.supervisor.stop() }),
  command({ id: 'supervisor.reconcile', title: 'Reconcile now', about: 'deck', help: 'Compare every agent with reality now.', cli: 'supervisor reconcile', example: 'clawdeck supervisor reconcile', input: () => Nothing, run: (deck) => deck.supervisor.reconcile() }),
  screen({ id: 'supervisor.start', title: 'Start supervisor', about: 'deck', help: 'Start the background process if it is not there.', cli: 'supervisor start', example: 'clawdeck supervisor start', input: () => Nothing }),
  screen({ id: 'supervisor.logs', title: 'Supervisor logs', about: 'deck', help: 'What the background process wrote down about itself.', cli: 'supervisor logs', flags: { tail: { about: 'how many lines (100)', value: 'n' } }, example: 'clawdeck supervisor logs', input: () => z.strictObject({ tail: z.coerce.number().int().min(1).max(100_000).default(100) }) }),
]
