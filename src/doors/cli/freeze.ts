import { asFault, Fault } from '../../base/fault.ts'
import { count, jsonLine, plain } from '../../base/text.ts'
import type { Face } from '../../commands/face.ts'
import { findFace } from '../../commands/registry.ts'
import type { Cli, FrozenAlone } from './cli.ts'
import { runAct } from './remote.ts'
import { write } from './terminal.ts'

/** A supervisor that does not answer for so long hangs. */
const ANSWER_MS = 5000

/**
 * Freezes by the supervisor, or without it where it is not there or does not answer. Returns the
 * exit code.
 */
export async function freeze(cli: Cli, input: Record<string, unknown>): Promise<number> {
  const { face, typed } = meant('freeze', input)
  const link = await cli.existingLink()
  const asked = { ...cli, existingLink: async () => link }
  try {
    const typedToo = { ...typed, why: input['why'] }
    return await inTime(runAct(asked, { ...face, startsNothing: true }, typedToo))
  } catch (thrown) {
    if (!isUnanswered(thrown) || isRemote(cli)) throw thrown
    // What is still asked of one that hangs would keep this program from ending.
    link.close()
    const agent = (input['agent'] as string | undefined) ?? null
    const { home, env } = cli
    const done = await cli.program.freezeAlone({ home, env, agent, why: input['why'] as string })
    await write(cli.streams.stdout, cli.json ? jsonLine(done) : `${aloneText(done)}\n`)
    return done.failed.length === 0 ? 0 : 1
  }
}

/** Thaws by the supervisor, which is started if need be. Returns the exit code. */
export function thaw(cli: Cli, input: Record<string, unknown>): Promise<number> {
  const { face, typed } = meant('thaw', input)
  const { confirm } = input
  return runAct(cli, face, face.id === 'fleet.thaw' ? { ...typed, confirm } : typed)
}

/** Whether one agent or the fleet is meant. Fault `usage` for neither and for both. */
function meant(
  verb: 'freeze' | 'thaw',
  { agent, all }: Record<string, unknown>,
): { face: Face; typed: Record<string, unknown> } {
  if ((agent === undefined) !== (all === true))
    throw new Fault('usage', `${verb} takes the name of an agent, or --all for the fleet`, {
      hint: `clawdeck ${verb} --all`,
    })
  const face = findFace(all === true ? `fleet.${verb}` : `agent.${verb}`)
  if (face === undefined) throw new Fault('bug', `there is no act to ${verb}`)
  return { face, typed: agent === undefined ? {} : { agent } }
}

function inTime<T>(work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(
      () => reject(new Fault('timeout', 'the supervisor does not answer')),
      ANSWER_MS,
    ).unref()
  })
  return Promise.race([work, late])
}

function isUnanswered(thrown: unknown): boolean {
  const { code } = asFault(thrown)
  return code === 'supervisor.unavailable' || code === 'timeout' || code === 'supervisor.stopping'
}

function isRemote({ env }: Cli): boolean {
  return (env['CLAWDECK_REMOTE'] ?? '') !== ''
}

function aloneText({ paused, failed, unmarked }: FrozenAlone): string {
  const names = paused.map((name) => plain(name, 60)).join(', ')
  return [
    `The supervisor does not answer, so pods were paused directly: ${count(paused.length, 'pod')}${names === '' ? '' : ` (${names})`}.`,
    unmarked === ''
      ? 'Nothing is answered while it is away, and its next start keeps them frozen.'
      : `Who froze them could not be written down: ${plain(unmarked, 200)}`,
    ...failed.map(({ agent, why }) => `Not paused: ${plain(agent, 60)}: ${plain(why, 200)}`),
    'To go on: clawdeck thaw',
  ].join('\n')
}
