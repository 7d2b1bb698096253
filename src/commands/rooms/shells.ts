import { ago, plain } from '../../base/text.ts'
import * as z from 'zod'
import { act, innerAct } from '../act.ts'
import type { Deck } from '../deck.ts'
import { face, grouped, screenFace } from '../face.ts'
import { AgentName, Nothing, Id } from '../inputs.ts'
import { shellNoun } from '../../domain/shells/noun.ts'
import { nounTable } from '../table.ts'
import type { Room } from '../room.ts'

const shellTable = nounTable('shell', {
  title: 'Shells',
  columns: [
    { title: 'SHELL', cell: (shell) => shell.id },
    { title: 'AGENT', cell: (shell) => shell.agent },
    { title: 'STATE', cell: (shell) => shell.state },
    { title: 'OPENED', cell: (shell, now) => ago(shell.openedAt, now) },
    { title: 'BY', cell: (shell) => shell.openedBy },
    { title: 'WHAT', cell: (shell) => shell.title },
  ],
  none: 'No shells are open. To open one: clawdeck attach <agent>',
})

async function agentOf({ shells }: Deck, { id }: { id: string }): Promise<string[] | null> {
  const shell = (await shells.list()).find((one) => one.id === id)
  return shell === undefined ? null : [shell.agent]
}

export const shellsRoom: Room = {
  nouns: [shellNoun],
  commands: grouped('Shells', [
    innerAct({
      id: 'shell.attach',
      needs: 'operate',
      audit: 'none',
      concerns: agentOf,
      run: (deck, { id }: { id: string }) => deck.shells.join(id),
    }),
    face(
      act({
        id: 'shell.list',
        needs: 'see',
        audit: 'none',
        input: () => Nothing,
        run: (deck) => deck.shells.list(),
        narrow: (shells, sees) => shells.filter(({ agent }) => sees(agent)),
      }),
      {
        title: 'List shells',
        about: 'deck',
        help: 'List open shells.',
        cli: 'shells list',
        example: 'clawdeck shells list',
        table: shellTable,
      },
    ),
    act({
      id: 'shell.open',
      needs: 'operate',
      audit: 'own',
      input: () =>
        z.strictObject({
          agent: AgentName,
          argv: z.array(z.string().max(65_536)).min(1).max(1024).optional(),
          columns: z.number().int().min(2).max(1000).default(80),
          rows: z.number().int().min(1).max(1000).default(24),
        }),
      run: (deck, { agent, ...options }, { actor }) => deck.shells.open(agent, options, actor),
    }),
    screenFace('shell.close_pane', {
      title: 'Close pane',
      about: 'shell',
      keys: ['x'],
      hint: 1,
      help: 'Close the pane of a shell. The shell keeps running; a opens it again.',
      inConsole: 'close-pane',
    }),
    face(
      act({
        id: 'shell.end',
        needs: 'operate',
        audit: 'own',
        input: () => z.strictObject({ id: Id }),
        concerns: agentOf,
        run: (deck, { id }, { actor }) => deck.shells.end(id, actor),
      }),
      {
        title: 'End shell',
        about: 'shell',
        keys: ['X'],
        hint: 2,
        danger: 'confirm',
        subjectKey: 'id',
        help: 'End a shell and every process it started in the pod.',
        cli: 'shells end <id>',
        example: 'clawdeck shells end shl_…',
        closesPane: true,
        said: (shell) => `${plain(shell.id)} of ${plain(shell.agent)} is ${shell.state}`,
      },
    ),
  ]),
}
