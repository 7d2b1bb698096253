import { Fault } from '../../base/fault.ts'
import type { ExecChunk, PodExec } from '../../ports/pods.ts'
import { demux } from './demux.ts'
import type { Pods } from './pods.ts'
import { createSession, endSession, exitCodeOf, KILLED } from './session.ts'

const ENDS_WITHIN = 3_000

/** Commands in a running pod, output separated, exit code last. */
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
  if (signal.aborted) throw new Fault('timeout', 'The command was cancelled before it began')
  const session = await createSession(pods, {
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
    // Closing the connection alone would leave the process in the pod.
    endSession(pods, agent, session)
      .catch(() => undefined)
      .finally(() => setTimeout(() => socket.destroy(), ENDS_WITHIN).unref())
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    if (options.stdin !== undefined) socket.end(options.stdin)
    for await (const frame of demux(socket)) yield frame
    ended = true
  } catch (cause) {
    if (!signal.aborted)
      throw new Fault('backend.failed', `The connection to the command in ${agent} broke`, {
        cause,
      })
  } finally {
    signal.removeEventListener('abort', stop)
    if (!ended && !signal.aborted) stop()
    socket.destroy()
  }
  yield { exitCode: signal.aborted ? KILLED : await exitCodeOf(pods, session) }
}
