import * as z from 'zod'
import { agentCan } from '../../domain/agents/rules.ts'
import { act } from '../act.ts'
import { face, grouped, screenFace } from '../face.ts'
import { AgentName, OneAgent, Limit, Stdin } from '../inputs.ts'
import type { Room } from '../room.ts'

const bytesOf = (base64: string | undefined): Uint8Array | undefined =>
  base64 === undefined ? undefined : Buffer.from(base64, 'base64')

const Argv = z.array(z.string().max(65_536)).max(1024)
const PodCommand = z.strictObject({ agent: AgentName, stdin: Stdin.optional() })

/** What people do in a running pod. */
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
        help: 'Show the output of the pod.',
        cli: 'logs <agent>',
        flags: {
          follow: { about: 'keep printing new lines', short: 'f' },
          tail: { about: 'number of lines (100)', value: 'n' },
        },
        example: 'clawdeck logs a1 --follow',
        inConsole: 'logs',
        answer: 'log-lines',
      },
    ),
    face(
      act({
        id: 'agent.exec',
        needs: 'operate',
        audit: 'own',
        stream: true,
        input: () => PodCommand.extend({ argv: Argv.min(1) }),
        run: (deck, { agent, argv, stdin }, { actor, signal }) =>
          deck.agents.exec(agent, argv, actor, { signal, stdin: bytesOf(stdin) }),
      }),
      {
        title: 'Run a command',
        about: 'agent',
        subjectKey: 'agent',
        help: 'Run a command in the pod. Its exit code becomes the one of clawdeck, and it reads what is piped in, at most 8 MiB.',
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
        input: () => PodCommand.extend({ argv: Argv.default([]) }),
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
      help: 'Open a shell of the pod in a pane. Ctrl-] leaves; the shell keeps running.',
      unavailable: agentCan.attach,
      short: 'attach',
      needsSupervisor: true,
      inConsole: 'attach-pane',
    }),
    screenFace('agent.attach', {
      title: 'Attach full screen',
      about: 'agent',
      keys: ['A'],
      hint: 11,
      subjectKey: 'agent',
      help: 'Give the whole terminal to a shell of the pod. Ctrl-] leaves; the shell keeps running.',
      cli: 'attach <agent>',
      flags: { new: { about: 'open a new shell, even if one is open' } },
      example: 'clawdeck attach a1',
      input: () => z.strictObject({ agent: AgentName, new: z.boolean().default(false) }),
      unavailable: agentCan.attach,
      short: 'full screen',
      needsSupervisor: true,
      inConsole: 'attach',
      inCli: 'attach',
    }),
    screenFace('agent.tui', {
      title: 'OpenClaw TUI',
      about: 'agent',
      subjectKey: 'agent',
      help: 'Give the whole terminal to the OpenClaw text interface of the pod.',
      cli: 'tui <agent>',
      example: 'clawdeck tui a1',
      input: () => OneAgent,
      unavailable: agentCan.attach,
      needsSupervisor: true,
      inConsole: 'openclaw-tui',
      inCli: 'openclaw-tui',
    }),
  ]),
}
