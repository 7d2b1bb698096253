import * as z from 'zod'
import { agentCan } from '../../domain/agents/rules.ts'
import { act } from '../act.ts'
import { face, grouped, screenFace } from '../face.ts'
import { AgentName, OneAgent, Limit, Stdin } from '../inputs.ts'
import type { Room } from '../room.ts'

const bytesOf = (base64: string | undefined): Uint8Array | undefined =>
  base64 === undefined ? undefined : Buffer.from(base64, 'base64')

/** What is done in a running pod. */
export const agentPodsRoom: Room = {
  nouns: [],
  commands: grouped('Agents', [
    face(
      act({
        id: 'agent.logs',
        needs: 'see',
        audit: 'none',
        stream: true,
        input: () =>
          z.strictObject({
            agent: AgentName,
            follow: z.boolean().default(false),
            tail: Limit.default(100),
          }),
        run: (deck, { agent, follow, tail }, { signal }) =>
          deck.agents.logs(agent, { follow, tail, signal }),
      }),
      {
        title: 'Logs',
        about: 'agent',
        keys: ['l'],
        hint: 12,
        subjectKey: 'agent',
        help: 'What the pod printed.',
        cli: 'logs <agent>',
        flags: {
          follow: { about: 'go on as lines are written', short: 'f' },
          tail: { about: 'how many of the last lines (100)', value: 'n' },
        },
        example: 'clawdeck logs a1 --follow',
        deed: 'logs',
        answer: 'log-lines',
      },
    ),
    face(
      act({
        id: 'agent.exec',
        needs: 'operate',
        audit: 'own',
        stream: true,
        input: () =>
          z.strictObject({
            agent: AgentName,
            argv: z.array(z.string().max(65_536)).min(1).max(1024),
            stdin: Stdin.optional(),
          }),
        run: (deck, { agent, argv, stdin }, { actor, signal }) =>
          deck.agents.exec(agent, argv, actor, { signal, stdin: bytesOf(stdin) }),
      }),
      {
        title: 'Run a command',
        about: 'agent',
        subjectKey: 'agent',
        help: 'Run a command in the running pod; its exit code is ours, and what is piped in is read by it (8 MiB at most).',
        cli: 'exec <agent> -- <argv...>',
        example: 'clawdeck exec a1 -- pwd',
        unavailable: agentCan.attach,
        stdin: 'stdin',
        answer: 'command-output',
      },
    ),
    face(
      act({
        id: 'agent.openclaw',
        needs: 'operate',
        audit: 'own',
        stream: true,
        input: () =>
          z.strictObject({
            agent: AgentName,
            argv: z.array(z.string().max(65_536)).max(1024).default([]),
            stdin: Stdin.optional(),
          }),
        run: (deck, { agent, argv, stdin }, { actor, signal }) =>
          deck.agents.exec(agent, ['openclaw', ...argv], actor, { signal, stdin: bytesOf(stdin) }),
      }),
      {
        title: 'OpenClaw command',
        about: 'agent',
        subjectKey: 'agent',
        help: 'Run the OpenClaw command line in the pod.',
        cli: 'openclaw <agent> -- <argv...>',
        example: 'clawdeck openclaw a1 -- --version',
        unavailable: agentCan.attach,
        stdin: 'stdin',
        answer: 'command-output',
      },
    ),
    screenFace('agent.attach_pane', {
      title: 'Attach in a pane',
      about: 'agent',
      keys: ['a'],
      hint: 10,
      subjectKey: 'agent',
      help: "Open the pod's shell in a pane. Ctrl-] leaves, the shell lives on.",
      unavailable: agentCan.attach,
      short: 'attach',
      needsLine: true,
      deed: 'attach-pane',
    }),
    screenFace('agent.attach', {
      title: 'Attach, whole terminal',
      about: 'agent',
      keys: ['A'],
      hint: 11,
      subjectKey: 'agent',
      help: 'Give a shell in the pod the whole terminal. Ctrl-] leaves, the shell lives on.',
      cli: 'attach <agent>',
      flags: { new: { about: 'a new shell, even if one is open' } },
      example: 'clawdeck attach a1',
      input: () => z.strictObject({ agent: AgentName, new: z.boolean().default(false) }),
      unavailable: agentCan.attach,
      short: 'attach whole',
      needsLine: true,
      deed: 'attach',
      here: 'attach',
    }),
    screenFace('agent.tui', {
      title: 'OpenClaw TUI',
      about: 'agent',
      subjectKey: 'agent',
      help: 'Open the OpenClaw text interface of the pod in the whole terminal.',
      cli: 'tui <agent>',
      example: 'clawdeck tui a1',
      input: () => OneAgent,
      unavailable: agentCan.attach,
      needsLine: true,
      deed: 'openclaw-tui',
      here: 'openclaw-tui',
    }),
  ]),
}
