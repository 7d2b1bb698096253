import { setTimeout as pause } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import { Fault } from '../../base/fault.ts'
import { endMarked } from '../marked-processes.ts'
import { namespaceOf, processesByNamespace } from '../proc.ts'
import { ExecAnswer, expect, IdAnswer } from './answers.ts'
import { type PodmanClient, statusOf } from './client.ts'
import type { Pods } from './pods.ts'

const MARK = 'CLAWDECK_SESSION'
/** How long an exit code may be due: from the engine that ran the session, and from one that was started after it. */
const WRITTEN_WITHIN = 20_000
const WRITTEN_BEFORE = 1_500
export const KILLED = 137

/** One exec in a pod: the engine's id, and the mark in the environment of everything that it starts. */
export interface Session {
  id: string
  mark: string
}
/** A session together with the way to the engine that runs it: another one later means that this engine has gone. */
export interface RunningSession extends Session {
  client: PodmanClient
}

export interface SessionRequest {
  agent: string
  argv: readonly string[]
  tty: boolean
  stdin: boolean
  env: Record<string, string>
}

export async function createSession(pods: Pods, request: SessionRequest): Promise<RunningSession> {
  await pods.running(request.agent)
  const mark = randomBytes(8).toString('hex')
  const body = {
    AttachStdin: request.stdin,
    AttachStdout: true,
    AttachStderr: true,
    Tty: request.tty,
    Cmd: request.argv,
    Env: Object.entries({ ...request.env, [MARK]: mark }).map(
      ([name, value]) => `${name}=${value}`,
    ),
  }
  const answer = await pods.engine.call('POST', pods.path(request.agent, '/exec'), { body })
  return { id: expect(IdAnswer, answer, 'an exec').Id, mark, client: await pods.engine.client() }
}

/** How the session stands, or undefined when the engine has forgotten it. */
export async function inspectSession(
  pods: Pods,
  id: string,
): Promise<{ running: boolean; exitCode: number; pid: number } | undefined> {
  try {
    const answer = expect(
      ExecAnswer,
      await pods.engine.call('GET', `/libpod/exec/${encodeURIComponent(id)}/json`),
      'an exec',
    )
    return { running: answer.Running, exitCode: answer.ExitCode, pid: answer.Pid }
  } catch (thrown) {
    if (statusOf(thrown) === 404) return undefined
    throw thrown
  }
}

/**
 * The exit code, once the engine has written it down: it does so a moment after the output ended. An engine that
 * crashed meanwhile never does: then 137, for whatever is left of such a session is killed.
 */
export async function exitCodeOf(pods: Pods, { id, client }: RunningSession): Promise<number> {
  const began = performance.now()
  for (let patience = WRITTEN_WITHIN; performance.now() - began < patience; await pause(5)) {
    const now = await inspectSession(pods, id)
    if (!now) break
    if (!now.running) return now.exitCode
    if ((await pods.engine.client()) !== client) patience = WRITTEN_BEFORE
  }
  return KILLED
}

/**
 * Ends every process of a session in the pod and answers when none is left. Found by kernel session and by the mark in
 * the environment, so that neither a background job nor a `setsid` is forgotten; in the pod's own pid namespace only.
 */
export async function endSession(pods: Pods, agent: string, session: Session): Promise<void> {
  const found = await pods.find(agent)
  if (!found || found.State.Pid === 0 || found.State.Status !== 'running') return
  if (!(await pods.engine.facts()).local) return endFromInside(pods, agent, session)
  const leader = (await inspectSession(pods, session.id).catch(() => undefined))?.pid ?? 0
  const space = namespaceOf(found.State.Pid, 'pid')
  if (space === undefined) return
  const others = (): number[] =>
    (processesByNamespace(new Set([space])).get(space) ?? []).filter(
      (pid) => pid !== found.State.Pid,
    )
  if (await endMarked(others, `${MARK}=${session.mark}`, leader)) return
  throw new Fault('backend.failed', `Processes of a session in ${agent} do not end`, {
    hint: `\`clawdeck restart ${agent}\` ends them.`,
  })
}

/** On an engine elsewhere the pod's own shell must look: the best there is without its /proc. */
async function endFromInside(pods: Pods, agent: string, session: Session): Promise<void> {
  const script = `for p in /proc/[0-9]*; do tr '\\0' '\\n' <"$p/environ" 2>/dev/null | grep -qx '${MARK}=${session.mark}' && kill -9 "\${p#/proc/}"; done; true`
  const sweep = await createSession(pods, {
    agent,
    argv: ['/bin/sh', '-c', script],
    tty: false,
    stdin: false,
    env: {},
  })
  await pods.engine.call('POST', `/libpod/exec/${sweep.id}/start`, { body: { Detach: true } })
  await exitCodeOf(pods, sweep)
}
