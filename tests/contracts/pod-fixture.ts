import type { Backend, ExecChunk, PodSpec, PodTerminal } from '../../src/ports/pods.ts'
import { until } from '../support/until.ts'

/** A backend under test, and what only its own suite can do. */
export interface PodFixture {
  backend: Backend
  /** A spec whose `argv` keeps the pod alive. */
  spec(agent: string): PodSpec
  /** Kills the pod from outside the backend. */
  crash(agent: string): Promise<void>
  /** A short path for the agent's door socket, in a folder that exists. */
  doorPath(agent: string): string
  /** Bytes on disk that the pod's output takes. */
  logBytes(agent: string): Promise<number>
  /** The command that prints the body of GET `path` at the door's address, to be run in the pod. */
  asking(address: string, path: string): string[]
  dispose(): Promise<void>
}

/** What a backend's pods can do. Without real processes the shell is simulated. */
export interface PodAbilities {
  processes: boolean
  /** The most that the pod's output may take on disk. */
  maxLogBytes: number
}

/** Creates and starts a pod for one test. */
export type Up = (agent: string, change?: Partial<PodSpec>) => Promise<Backend>
export const live = (): AbortSignal => new AbortController().signal

/** A command's whole output, and its exit code. */
export async function collect(
  chunks: AsyncIterable<ExecChunk>,
): Promise<{ stdout: string; stderr: string; exitCode: number | undefined }> {
  const output = { stdout: '', stderr: '', exitCode: undefined as number | undefined }
  for await (const chunk of chunks) {
    if ('exitCode' in chunk) output.exitCode = chunk.exitCode
    else output[chunk.stream] += Buffer.from(chunk.data).toString()
  }
  return output
}

export function watching(backend: Backend): { names: string[]; stop(): void } {
  const names: string[] = []
  const stop = new AbortController()
  backend.lifecycle.watch((agent) => {
    names.push(agent)
  }, stop.signal)
  return {
    names,
    stop: () => {
      stop.abort()
    },
  }
}

export function watched(terminal: PodTerminal): {
  terminal: PodTerminal
  text(): string
  exit: Promise<number>
} {
  let text = ''
  const exit = new Promise<number>((resolve) => {
    terminal.onExit(resolve)
  })
  terminal.onData((data) => {
    text += Buffer.from(data).toString()
  })
  return { terminal, text: () => text, exit }
}

/** Waits until no process in the pod has this command line. */
export async function noProcessLeft(
  backend: Backend,
  agent: string,
  command: string,
): Promise<void> {
  const listing =
    'for f in /proc/[0-9]*/cmdline; do tr "\\0" " " < $f; echo; done 2>/dev/null; true'
  await until(`no ${command} left`, async () => {
    const { stdout } = await collect(
      backend.exec.run(agent, ['sh', '-c', listing], { signal: live() }),
    )
    return !stdout.split('\n').some((line) => line.trim() === command)
  })
}
