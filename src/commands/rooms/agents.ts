import { plain } from '../../base/text.ts'
import * as z from 'zod'
import { agentCan } from '../../domain/agents/rules.ts'
import { act } from '../act.ts'
import { face, grouped } from '../face.ts'
import { AgentName, TemplateName, Nothing, OneAgent } from '../inputs.ts'
import { agentNoun } from '../../domain/agents/noun.ts'
import type { Room } from '../room.ts'

/** One agent's life: made, started, stopped, put away; and what is known of it. */
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
            backend: z.enum(['podman', 'local', 'memory']).optional(),
          }),
        run: (deck, input, { actor }) => deck.agents.create(input, actor),
      }),
      {
        title: 'Create agent',
        about: 'deck',
        keys: ['c'],
        hint: 5,
        help: 'Compile a template into a signed, stopped agent.',
        cli: 'create <template> <agent>',
        flags: {
          backend: {
            about: 'podman, local or memory; the best one here by default',
            value: 'kind',
          },
        },
        example: 'clawdeck create coder a1',
        deed: 'create-wizard',
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
      }),
      {
        title: 'List agents',
        about: 'deck',
        help: 'Every agent of this deck and what it is doing.',
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
        help: 'One agent, or with no name the whole deck.',
        cli: 'status [agent]',
        example: 'clawdeck status a1',
        answer: 'agent-or-deck',
      },
    ),
    face(
      act({
        id: 'agent.start',
        needs: 'operate',
        // With force, files are locked anew before the start is asked for.
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
        help: 'Check the lock, then bring the pod up. Refused on drift; with --force what is there is locked and signed anew.',
        cli: 'start <agent>',
        flags: { force: { about: 're-lock and re-sign what drifted' } },
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
        help: 'Stop the pod. What it had asked is denied.',
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
        help: 'Stop the pod, check the lock, start it again.',
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
        help: 'Everything known about an agent: pod, spec, lock, usage, folder.',
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
        help: "Remove the pod and move the agent's folder to the trash, from which it can be restored.",
        cli: 'delete <agent>',
        flags: { force: { about: 'stop it first if it runs' } },
        example: 'clawdeck delete a1',
        unavailable: agentCan.remove,
        busy: 'deleting',
        force: { if: (agent) => agent.phase === 'up', ask: 'stop-first' },
        said: (gone) =>
          `${plain(gone.name)} is in the trash: ${plain(gone.path)}\nBring it back: clawdeck restore ${plain(gone.name)}`,
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
        help: 'Bring back the last deleted agent of that name, stopped.',
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
      }),
      {
        title: 'Show the trash',
        about: 'deck',
        help: 'Deleted agents that can be restored.',
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
      }),
      {
        title: 'Usage',
        about: 'deck',
        help: 'CPU, memory and processes of the running agents.',
        cli: 'stats',
        example: 'clawdeck stats',
        answer: 'usage',
      },
    ),
  ]),
}
