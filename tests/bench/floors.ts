import { execFile, spawnSync } from 'node:child_process'
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { spawn } from 'node-pty'
import { median } from './harness.ts'

/** Milliseconds for one line of `bytes` appended to a file of `folder` and brought to disk: the least a durable answer costs. */
export function fsyncedAppend(folder: string, count = 300, bytes = 800): number {
  const file = join(folder, 'floor.log')
  const fd = openSync(file, 'a')
  const line = Buffer.alloc(bytes, 'x')
  const took: number[] = []
  for (let i = 0; i < count; i++) {
    const began = performance.now()
    writeSync(fd, line)
    fdatasyncSync(fd)
    took.push(performance.now() - began)
  }
  closeSync(fd)
  rmSync(file)
  return median(took)
}

/** Milliseconds (p99) for bytes to another process, to disk and back, at so many a second. */
export async function durableEcho(folder: string, rate: number, seconds: number): Promise<number> {
  const program = fileURLToPath(new URL('durable-echo.ts', import.meta.url))
  const words = [program, folder, String(rate), String(seconds)]
  return Number((await promisify(execFile)(process.execPath, words)).stdout)
}

/** Milliseconds for a program to start and end. */
export function runtimeOf(words: readonly string[], env: NodeJS.ProcessEnv): number {
  const began = performance.now()
  const { status, stderr } = spawnSync(words[0] as string, words.slice(1), {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (status !== 0)
    throw new Error(`${words.join(' ')} ended with ${status}: ${stderr.toString().trim()}`)
  return performance.now() - began
}

export const nodeZero = (env: NodeJS.ProcessEnv): number =>
  runtimeOf([process.execPath, '-e', '0'], env)

/** Bytes that a bare process takes more once it has loaded a package. */
export async function bytesOfLoading(name: string): Promise<number> {
  const words = `const before = process.memoryUsage.rss(); await import('${name}'); console.log(process.memoryUsage.rss() - before)`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', words],
    { cwd: import.meta.dirname },
  )
  return Number(stdout)
}

/** Milliseconds from a key to its echo on a PTY of this machine, each. */
export async function ptyEcho(count: number): Promise<number[]> {
  const pty = spawn('/bin/cat', [], { encoding: null })
  let heard = (): void => undefined
  pty.onData(() => heard())
  const took: number[] = []
  for (let i = 0; i < count; i++) {
    const began = performance.now()
    await new Promise<void>((resolve) => {
      heard = resolve
      pty.write('x')
    })
    took.push(performance.now() - began)
  }
  pty.kill()
  return took
}
