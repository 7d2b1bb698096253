import { readFileSync } from 'node:fs'
import type { Identity } from './record.ts'

let boot: string | undefined

/** A running process as it can be recognised later, or undefined when it has ended (a zombie has). */
export function identify(pid: number): Identity | undefined {
  try {
    boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X'
      ? undefined
      : { pid, began: `${boot}:${fields[19]}` }
  } catch {
    return undefined
  }
}

/** Whether exactly this process still runs. */
export function lives(process: Identity | undefined): process is Identity {
  return process !== undefined && identify(process.pid)?.began === process.began
}

/** Sends a signal to exactly this process; one that has ended is no error. */
export function signalTo(target: Identity | undefined, signal: NodeJS.Signals): void {
  if (!lives(target)) return
  try {
    process.kill(target.pid, signal)
  } catch {
    /* it ended by itself */
  }
}

/** The first child of a process, or undefined. */
export function firstChild(pid: number): number | undefined {
  try {
    const child = Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1'), 10)
    return Number.isNaN(child) ? undefined : child
  } catch {
    return undefined
  }
}
