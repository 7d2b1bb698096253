import { plain } from '../../base/text.ts'
import * as z from 'zod'
import { agentCan } from '../../domain/agents/rules.ts'
import { act } from '../act.ts'
import { face, grouped } from '../face.ts'
import { AgentName, TemplateName, Nothing, OneAgent } from '../inputs.ts'
import { agentNoun } from '../../domain/agents/noun.ts'
import type { Room } from '../room.ts'

/** The life of an agent: create, start, stop, delete; and what is known about it. */
export const agentsRoom: Room = {
  nouns: [agentNoun],
  commands: grouped('Agents', [
    face(
      act({
        id: 'agent.create',
        needs: 'operate',
        audit: 'intent',
        input: () =>
          z.strictObject({
            template: TemplateName,
            agent: AgentName,
            backend: z.enum(['podman', 'local', 'memory', 'outside']).optional(),
          }),
        run: (deck, input, { actor }) => deck.agents.create(input, actor),
      }),
      {
        title: 'Create agent',
        about: 'deck',
        keys: ['c'],
        hint: 5,
        help: 'Create a stopped agent from a template, with a signed lock.',
        cli: 'create <template> <agent>',
        flags: {
          backend: {
            about: 'podman, local, memory, or outside of pods (default: the best available)',
            value: 'kind',
          },
        },
        example: 'clawdeck create coder a1',
        inConsole: 'create-wizard',
        answer: 'new-agent',
      },
    ),
    face(
      act({
        id: 'agent.list',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.agents.list(),
        narrow: (agents, sees) => agents.filter(({ name }) => sees(name)),
      }),
      {
        title: 'List agents',
        about: 'deck',
        help: 'List all agents and what they are doing.',
        cli: 'list',
        example: 'clawdeck list --json',
        answer: 'agents',
      },
    ),
    face(
      act({
        id: 'agent.get',
        needs: 'see',
        audit: 'none',
        input: () => z.strictObject({ agent: AgentName.optional() }),
        run: async (deck, { agent }) =>
          agent === undefined ? deck.supervisor.status() : deck.agents.get(agent),
      }),
      {
        title: 'Agent status',
        about: 'agent',
        subjectKey: 'agent',
        help: 'Show one agent, or without a name the whole deck.',
        cli: 'status [agent]',
        example: 'clawdeck status a1',
        answer: 'agent-or-deck',
      },
    ),
    face(
      act({
        id: 'agent.start',
        needs: 'operate',
        // With force, files are locked again before the start is requested.
        audit: ({ force }) => (force ? 'intent' : 'own'),
        input: () => z.strictObject({ agent: AgentName, force: z.boolean().default(false) }),
        run: (deck, { agent, force }, { actor }) => deck.agents.start(agent, force, actor),
      }),
      {
        title: 'Start agent',
        about: 'agent',
        keys: ['s'],
        hint: 9,
        many: true,
        subjectKey: 'agent',
        help: 'Check the lock, then start the pod. Drift is refused, unless --force locks and signs what is there now.',
        cli: 'start <agent>',
        flags: { force: { about: 'lock and sign what drifted' } },
        example: 'clawdeck start a1',
        unavailable: agentCan.start,
        busy: 'starting',
        force: { if: (agent) => agent.phase === 'drifted', ask: 'relock' },
        answer: 'agent',
      },
    ),
    face(
      act({
        id: 'agent.stop',
        needs: 'operate',
        audit: 'own',
        input: () => OneAgent,
        run: (deck, { agent }, { actor }) => deck.agents.stop(agent, actor),
      }),
      {
        title: 'Stop agent',
        about: 'agent',
        keys: ['S'],
        hint: 21,
        danger: 'confirm',
        many: true,
        subjectKey: 'agent',
        help: 'Stop the pod. Its waiting approvals are denied.',
        cli: 'stop <agent>',
        example: 'clawdeck stop a1',
        unavailable: agentCan.stop,
        busy: 'stopping',
        answer: 'agent',
      },
    ),
    face(
      act({
        id: 'agent.restart',
        needs: 'operate',
        audit: 'own',
        input: () => OneAgent,
        run: (deck, { agent }, { actor }) => deck.agents.restart(agent, actor),
      }),
      {
        title: 'Restart agent',
        about: 'agent',
        keys: ['R'],
        hint: 22,
        danger: 'confirm',
        many: true,
        subjectKey: 'agent',
        help: 'Stop the pod, check the lock, and start it again.',
        cli: 'restart <agent>',
        example: 'clawdeck restart a1',
        unavailable: agentCan.restart,
        busy: 'restarting',
        answer: 'agent',
      },
    ),
    face(
      act({
        id: 'agent.inspect',
        needs: 'see',
        audit: 'none',
        input: () => OneAgent,
        run: (deck, { agent }) => deck.agents.inspect(agent),
      }),
      {
        title: 'Inspect agent',
        about: 'agent',
        keys: ['i'],
        subjectKey: 'agent',
        help: 'Show everything about an agent: pod, spec, lock, usage and folder.',
        cli: 'inspect <agent>',
        example: 'clawdeck inspect a1 --json',
        answer: 'inspection',
      },
    ),
    face(
      act({
        id: 'agent.delete',
        needs: 'operate',
        audit: 'intent',
        input: () => z.strictObject({ agent: AgentName, force: z.boolean().default(false) }),
        run: (deck, { agent, force }, { actor }) => deck.agents.remove(agent, force, actor),
      }),
      {
        title: 'Delete agent',
        about: 'agent',
        keys: ['D'],
        danger: 'typed',
        subjectKey: 'agent',
        help: "Remove the pod and move the agent's folder to the trash. It can be restored.",
        cli: 'delete <agent>',
        flags: { force: { about: 'stop it first if it is running' } },
        example: 'clawdeck delete a1',
        unavailable: agentCan.remove,
        busy: 'deleting',
        force: { if: (agent) => agent.phase === 'up', ask: 'stop-first' },
        said: (gone) =>
          `${plain(gone.name)} is in the trash: ${plain(gone.path)}\nTo restore it: clawdeck restore ${plain(gone.name)}`,
      },
    ),
    face(
      act({
        id: 'agent.restore',
        needs: 'operate',
        audit: 'intent',
        input: () => OneAgent,
        run: (deck, { agent }, { actor }) => deck.agents.restore(agent, actor),
      }),
      {
        title: 'Restore agent',
        about: 'deck',
        help: 'Restore the last deleted agent with this name. It is not started.',
        cli: 'restore <agent>',
        example: 'clawdeck restore a1',
        answer: 'agent',
      },
    ),
    face(
      act({
        id: 'agent.trash',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.agents.trash(),
        narrow: (trash, sees) => trash.filter(({ name }) => sees(name)),
      }),
      {
        title: 'Show the trash',
        about: 'deck',
        help: 'List deleted agents, which can be restored.',
        cli: 'trash',
        example: 'clawdeck trash',
        answer: 'trash',
      },
    ),
    face(
      act({
        id: 'agent.stats',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.agents.stats(),
        narrow: (stats, sees) =>
          Object.fromEntries(Object.entries(stats).filter(([agent]) => sees(agent))),
      }),
      {
        title: 'Usage',
        about: 'deck',
        help: 'Show CPU, memory and processes of the running agents.',
        cli: 'stats',
        example: 'clawdeck stats',
        answer: 'usage',
      },
    ),
  ]),
}
