import { setTimeout as pause } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import { Fault } from '../../base/fault.ts'
import { killMarked } from '../marked-processes.ts'
import { namespaceOf, processesByNamespace } from '../proc.ts'
import { ExecAnswer, expect, IdAnswer } from './answers.ts'
import { type PodmanClient, statusOf } from './client.ts'
import type { Pods } from './pods.ts'

/**
 * What would detach from a terminal. Without any, the engine takes Ctrl-P and Ctrl-Q for itself,
 * and the programs of a shell never get them.
 */
const NEVER_TYPED = 'ctrl-@,ctrl-_,ctrl-@,ctrl-_,ctrl-@,ctrl-_'
const MARK = 'CLAWDECK_SESSION'
/**
 * How long to wait for an exit code: from the engine that ran the command, and from a later one.
 */
const EXIT_CODE_TIMEOUT_MS = 20_000
const LATER_ENGINE_TIMEOUT_MS = 1_500
export const EXIT_CODE_KILLED = 137

/** One exec in a pod: the engine's id, and the mark in the environment of all its processes. */
interface ExecSession {
  id: string
  mark: string
}

/** An exec and the client of the engine that runs it. Another client later means another engine. */
export interface RunningExecSession extends ExecSession {
  client: PodmanClient
}

interface ExecRequest {
  agent: string
  argv: readonly string[]
  tty: boolean
  stdin: boolean
  env: Record<string, string>
}

export async function createExecSession(
  pods: Pods,
  request: ExecRequest,
): Promise<RunningExecSession> {
  await pods.entered(request.agent)
  const mark = randomBytes(8).toString('hex')
  const body = {
    AttachStdin: request.stdin,
    AttachStdout: true,
    AttachStderr: true,
    Tty: request.tty,
    DetachKeys: NEVER_TYPED,
    Cmd: request.argv,
    Env: Object.entries({ ...request.env, [MARK]: mark }).map(
      ([name, value]) => `${name}=${value}`,
    ),
  }
  const answer = await pods.engine.call('POST', pods.path(request.agent, '/exec'), { body })
  return { id: expect(IdAnswer, answer, 'an exec').Id, mark, client: await pods.engine.client() }
}

/** The state of an exec, or undefined when the engine does not know it any more. */
async function inspectExec(
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
 * The exit code, which the engine records a moment after the output ended. An engine that crashed
 * meanwhile never does; then it is 137, because what is left of the exec is killed.
 */
export async function execExitCode(
  pods: Pods,
  { id, client }: RunningExecSession,
): Promise<number> {
  const began = performance.now()
  for (let timeout = EXIT_CODE_TIMEOUT_MS; performance.now() - began < timeout; await pause(5)) {
    const state = await inspectExec(pods, id)
    if (!state) break
    if (!state.running) return state.exitCode
    if ((await pods.engine.client()) !== client) timeout = LATER_ENGINE_TIMEOUT_MS
  }
  return EXIT_CODE_KILLED
}

/**
 * Kills every process of an exec in the pod and resolves when none is left. They are found by
 * kernel session and by the mark in the environment, which includes background jobs and `setsid`,
 * and only in the pod's pid namespace.
 */
export async function killExecSession(
  pods: Pods,
  agent: string,
  session: ExecSession,
): Promise<void> {
  const found = await pods.find(agent)
  if (!found || found.State.Pid === 0 || found.State.Status !== 'running') return
  if (!(await pods.engine.facts()).local) return killFromInside(pods, agent, session)
  const leader = (await inspectExec(pods, session.id).catch(() => undefined))?.pid ?? 0
  const namespace = namespaceOf(found.State.Pid, 'pid')
  if (namespace === undefined) return
  const others = (): number[] =>
    (processesByNamespace(new Set([namespace])).get(namespace) ?? []).filter(
      (pid) => pid !== found.State.Pid,
    )
  if (await killMarked(others, `${MARK}=${session.mark}`, leader)) return
  throw new Fault('backend.failed', `Processes of a shell or command in ${agent} do not end`, {
    hint: `Run \`clawdeck restart ${agent}\` to end them.`,
  })
}

/** On a remote engine, whose /proc is not accessible, a shell in the pod has to do it. */
async function killFromInside(pods: Pods, agent: string, session: ExecSession): Promise<void> {
  const script = `for p in /proc/[0-9]*; do tr '\\0' '\\n' <"$p/environ" 2>/dev/null | grep -qx '${MARK}=${session.mark}' && kill -9 "\${p#/proc/}"; done; true`
  const killer = await createExecSession(pods, {
    agent,
    argv: ['/bin/sh', '-c', script],
    tty: false,
    stdin: false,
    env: {},
  })
  await pods.engine.call('POST', `/libpod/exec/${killer.id}/start`, { body: { Detach: true } })
  await execExitCode(pods, killer)
}
