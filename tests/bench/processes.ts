import { readFileSync } from 'node:fs'
import { wait } from './harness.ts'

const TICKS_PER_SECOND = 100

/** Seconds of CPU that a process has used, and its resident bytes. */
export function usageOf(pid: number): { seconds: number; bytes: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  const resident =
    /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0'
  return { seconds: ticks / TICKS_PER_SECOND, bytes: Number(resident) * 1024 }
}

/** Share of a core, in percent, that a process takes meanwhile. */
export async function cpuOver(pid: number, ms: number): Promise<number> {
  const [before, began] = [usageOf(pid).seconds, performance.now()]
  await wait(ms)
  return (100_000 * (usageOf(pid).seconds - before)) / (performance.now() - began)
}

export const mebibytes = (bytes: number): number => bytes / 1048576
