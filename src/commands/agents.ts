import * as z from 'zod'
import { agentCan } from '../domain/agents/rules.ts'
import { command, query, screen } from './command.ts'
import { AgentName, Limit, Nothing, OneAgent, Stdin, TemplateName } from './inputs.ts'

const bytesOf = (base64: string | undefined): Uint8Array | undefined => base64 === undefined ? undefined : Buffer.from(base64, 'base64')

export const agentRows = [
  command({
    id: 'agent.create', title: 'Create agent', about: 'deck', keys: ['c'], hint: 5,
    help: 'Compile a template into a signed, stopped agent.',
    cli: 'create <template> <agent>', flags: { backend: { about: 'podman, local or memory; the best one here by default', value: 'kind' } },
    example: 'clawdeck create coder a1',
    input: () => z.strictObject({ template: TemplateName, agent: AgentName, backend: z.enum(['podman', 'local', 'memory']).optional() }),
    run: (deck, input, { actor }) => deck.agents.create(input, actor),
  }),
  query({
    id: 'agent.list', title: 'List agents', about: 'deck', viewer: true,
    help: 'Every agent of this deck and what it is doing.', cli: 'list', example: 'clawdeck list --json',
    input: () => Nothing, run: (deck) => deck.agents.list(),
  }),
  query({
    id: 'agent.get', title: 'Agent status', about: 'agent', viewer: true, subjectKey: 'agent',
    help: 'One agent, or with no name the whole deck.', cli: 'status [agent]', example: 'clawdeck status a1',
    input: () => z.strictObject({ agent: AgentName.optional() }),
    run: async (deck, { agent }) => agent === undefined ? deck.supervisor.status() : deck.agents.get(agent),
  }),
  command({
    id: 'agent.start', title: 'Start agent', about: 'agent', keys: ['s'], hint: 9, many: true, subjectKey: 'agent',
    help: 'Check the lock, then bring the pod up. Refused on drift; with --force what is there is locked and signed anew.',
    cli: 'start <agent>', flags: { force: { about: 're-lock and re-sign what drifted' } }, example: 'clawdeck start a1',
    input: () => z.strictObject({ agent: AgentName, force: z.boolean().default(false) }),
    unavailable: agentCan.start, run: (deck, { agent, force }, { actor }) => deck.agents.start(agent, force, actor),
  }),
  command({
    id: 'agent.stop', title: 'Stop agent', about: 'agent', keys: ['S'], hint: 21, danger: 'confirm', many: true, subjectKey: 'agent',
    help: 'Stop the pod. What it had asked is denied.', cli: 'stop <agent>', example: 'clawdeck stop a1',
    input: () => OneAgent, unavailable: agentCan.stop, run: (deck, { agent }, { actor }) => deck.agents.stop(agent, actor),
  }),
  command({
    id: 'agent.restart', title: 'Restart agent', about: 'agent', keys: ['R'], hint: 22, danger: 'confirm', many: true, subjectKey: 'agent',
    help: 'Stop the pod, check the lock, start it again.', cli: 'restart <agent>', example: 'clawdeck restart a1',
    input: () => OneAgent, unavailable: agentCan.restart, run: (deck, { agent }, { actor }) => deck.agents.restart(agent, actor),
  }),
  query({
    id: 'agent.logs', title: 'Logs', about: 'agent', keys: ['l'], hint: 12, viewer: true, stream: true, subjectKey: 'agent',
    help: 'What the pod printed.', cli: 'logs <agent>',
    flags: { follow: { about: 'go on as lines are written', short: 'f' }, tail: { about: 'how many of the last lines (100)', value: 'n' } },
    example: 'clawdeck logs a1 --follow',
    input: () => z.strictObject({ agent: AgentName, follow: z.boolean().default(false), tail: Limit.default(100) }),
    run: (deck, { agent, follow, tail }, { signal }) => deck.agents.logs(agent, { follow, tail, signal }),
  }),
  command({
    id: 'agent.exec', title: 'Run a command', about: 'agent', stream: true, subjectKey: 'agent',
    help: 'Run a command in the running pod; its exit code is ours, and what is piped in is read by it (8 MiB at most).', cli: 'exec <agent> -- <argv...>', example: 'clawdeck exec a1 -- pwd',
    input: () => z.strictObject({ agent: AgentName, argv: z.array(z.string().max(65_536)).min(1).max(1024), stdin: Stdin.optional() }),
    unavailable: agentCan.attach, run: (deck, { agent, argv, stdin }, { actor, signal }) => deck.agents.exec(agent, argv, actor, signal, bytesOf(stdin)),
  }),
  command({
    id: 'agent.openclaw', title: 'OpenClaw command', about: 'agent', stream: true, subjectKey: 'agent',
    help: 'Run the OpenClaw command line in the pod.', cli: 'openclaw <agent> -- <argv...>', example: 'clawdeck openclaw a1 -- --version',
    input: () => z.strictObject({ agent: AgentName, argv: z.array(z.string().max(65_536)).max(1024).default([]), stdin: Stdin.optional() }),
    unavailable: agentCan.attach, run: (deck, { agent, argv, stdin }, { actor, signal }) => deck.agents.exec(agent, ['openclaw', ...argv], actor, signal, bytesOf(stdin)),
  }),
  screen({
    id: 'agent.attach_pane', title: 'Attach in a pane', about: 'agent', keys: ['a'], hint: 10, subjectKey: 'agent',
    help: 'Open the pod\'s shell in a pane. Ctrl-] leaves, the shell lives on.', unavailable: agentCan.attach,
  }),
  screen({
    id: 'agent.attach', title: 'Attach, whole terminal', about: 'agent', keys: ['A'], hint: 11, subjectKey: 'agent',
    help: 'Give a shell in the pod the whole terminal. Ctrl-] leaves, the shell lives on.',
    cli: 'attach <agent>', flags: { new: { about: 'a new shell, even if one is open' } }, example: 'clawdeck attach a1',
    input: () => z.strictObject({ agent: AgentName, new: z.boolean().default(false) }), unavailable: agentCan.attach,
  }),
  screen({
    id: 'agent.tui', title: 'OpenClaw TUI', about: 'agent', subjectKey: 'agent',
    help: 'Open the OpenClaw text interface of the pod in the whole terminal.', cli: 'tui <agent>', example: 'clawdeck tui a1',
    input: () => OneAgent, unavailable: agentCan.attach,
  }),
  query({
    id: 'agent.inspect', title: 'Inspect agent', about: 'agent', keys: ['i'], viewer: true, subjectKey: 'agent',
    help: 'Everything known about an agent: pod, spec, lock, usage, folder.', cli: 'inspect <agent>', example: 'clawdeck inspect a1 --json',
    input: () => OneAgent, run: (deck, { agent }) => deck.agents.inspect(agent),
  }),
  command({
    id: 'agent.delete', title: 'Delete agent', about: 'agent', keys: ['D'], danger: 'typed', subjectKey: 'agent',
    help: 'Remove the pod and move the agent\'s folder to the trash, from which it can be restored.',
    cli: 'delete <agent>', flags: { force: { about: 'stop it first if it runs' } }, example: 'clawdeck delete a1',
    input: () => z.strictObject({ agent: AgentName, force: z.boolean().default(false) }),
    unavailable: agentCan.remove, run: (deck, { agent, force }, { actor }) => deck.agents.remove(agent, force, actor),
  }),
  command({
    id: 'agent.restore', title: 'Restore agent', about: 'deck',
    help: 'Bring back the last deleted agent of that name, stopped.', cli: 'restore <agent>', example: 'clawdeck restore a1',
    input: () => OneAgent, run: (deck, { agent }, { actor }) => deck.agents.restore(agent, actor),
  }),
  query({
    id: 'agent.trash', title: 'Show the trash', about: 'deck', viewer: true,
    help: 'Deleted agents that can be restored.', cli: 'trash', example: 'clawdeck trash', input: () => Nothing, run: (deck) => deck.agents.trash(),
  }),
  query({
    id: 'agent.stats', title: 'Usage', about: 'deck', viewer: true,
    help: 'CPU, memory and processes of the running agents.', cli: 'stats', example: 'clawdeck stats', input: () => Nothing, run: (deck) => deck.agents.stats(),
  }),
]
