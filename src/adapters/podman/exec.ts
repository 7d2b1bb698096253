import { Fault } from '../../base/fault.ts'
import type { ExecChunk, PodExec } from '../../ports/pods.ts'
import { demux } from './demux.ts'
import type { Pods } from './pods.ts'
import {
  createExecSession,
  execExitCode,
  EXIT_CODE_KILLED,
  killExecSession,
} from './exec-session.ts'

const KILL_TIMEOUT_MS = 3_000

/** Runs commands in a running pod. */
export function podmanExec(pods: Pods): PodExec {
  return { run: (agent, argv, options) => run(pods, agent, argv, options) }
}

async function* run(
  pods: Pods,
  agent: string,
  argv: readonly string[],
  options: Parameters<PodExec['run']>[2],
): AsyncGenerator<ExecChunk> {
  const { signal } = options
  if (signal.aborted) throw new Fault('timeout', 'The command was cancelled before it started')
  const session = await createExecSession(pods, {
    agent,
    argv,
    tty: false,
    stdin: options.stdin !== undefined,
    env: options.env ?? {},
  })
  const socket = await (
    await pods.engine.client()
  ).hijack(`/libpod/exec/${session.id}/start`, { Detach: false, Tty: false })
  let ended = false
  const stop = (): void => {
    // Only closing the connection would leave the process running in the pod.
    killExecSession(pods, agent, session)
      .catch(() => undefined)
      .finally(() => setTimeout(() => socket.destroy(), KILL_TIMEOUT_MS).unref())
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    if (options.stdin !== undefined) socket.end(options.stdin)
    for await (const frame of demux(socket)) yield frame
    ended = true
  } catch (cause) {
    if (!signal.aborted)
      throw new Fault('backend.failed', `The connection to the command in ${agent} was lost`, {
        cause,
      })
  } finally {
    signal.removeEventListener('abort', stop)
    if (!ended && !signal.aborted) stop()
    socket.destroy()
  }
  yield { exitCode: signal.aborted ? EXIT_CODE_KILLED : await execExitCode(pods, session) }
}
