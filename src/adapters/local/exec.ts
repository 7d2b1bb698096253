import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { constants } from 'node:os'
import { Fault } from '../../base/fault.ts'
import type { ExecChunk, PodExec } from '../../ports/pods.ts'
import type { LocalPods } from './pods.ts'

/**
 * Runs commands in running pods. A slow reader slows the command; nothing is buffered beyond the
 * pipes.
 */
export function localExec(pods: LocalPods): PodExec {
  return {
    async *run(agent, argv, options) {
      const mark = randomBytes(8).toString('hex')
      const { command, env, cwd } = await pods.commandInside(agent, argv, {
        env: options.env ?? {},
        mark,
        terminal: false,
      })
      if (options.signal.aborted) return
      const child = spawn(command[0] ?? '', command.slice(1), {
        env,
        cwd,
        detached: true,
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      const failed = once(child, 'error').then(([cause]) => cause as Error)
      const exited = new Promise<number>((resolve) =>
        child.once('exit', (code, signal) => resolve(shellExitCode(code, signal))),
      )
      child.stdin.on('error', () => undefined)
      child.stdin.end(options.stdin)
      const abort = (): void => {
        child.kill('SIGKILL')
      }
      options.signal.addEventListener('abort', abort, { once: true })
      try {
        yield* merged({ stdout: child.stdout, stderr: child.stderr }, options.signal)
        if (options.signal.aborted) return
        const outcome = await Promise.race([exited, failed])
        if (outcome instanceof Error)
          throw new Fault('backend.failed', `The command cannot be run: ${outcome.message}`, {
            cause: outcome,
          })
        yield { exitCode: outcome }
      } finally {
        options.signal.removeEventListener('abort', abort)
        child.kill('SIGKILL')
        child.stdout.destroy()
        child.stderr.destroy()
        // Also kills what the command left running, and waits: none of it may appear later.
        if (child.pid !== undefined) await exited
        await pods.killSession(agent, mark)
      }
    },
  }
}

/** The exit code as a shell reports it: 128 and the signal's number after a signal. */
export function shellExitCode(
  code: number | null | undefined,
  signal: NodeJS.Signals | number | null | undefined,
): number {
  const number = typeof signal === 'string' ? constants.signals[signal] : signal
  return number ? 128 + number : (code ?? -1)
}

/** The chunks of both streams as they arrive, until both have ended or the signal is aborted. */
async function* merged(
  streams: Record<'stdout' | 'stderr', NodeJS.ReadableStream>,
  signal: AbortSignal,
): AsyncGenerator<ExecChunk> {
  const sources: Source[] = (['stdout', 'stderr'] as const).map((stream) => ({
    stream,
    chunks: streams[stream][Symbol.asyncIterator](),
  }))
  const stopped = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const pending = new Map(sources.map((source) => [source, next(source)]))
  while (pending.size > 0) {
    const got = await Promise.race([stopped, ...pending.values()])
    if (!got) return
    const { source, result } = got
    if (result?.done === false) {
      pending.set(source, next(source))
      yield { stream: source.stream, data: Buffer.from(result.value) }
    } else pending.delete(source)
  }
}

type Source = { stream: 'stdout' | 'stderr'; chunks: AsyncIterator<string | Buffer> }

async function next(
  source: Source,
): Promise<{ source: Source; result: IteratorResult<string | Buffer> | undefined }> {
  return { source, result: await source.chunks.next().catch(() => undefined) }
}
