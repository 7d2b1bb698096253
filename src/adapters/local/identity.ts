import { readFileSync } from 'node:fs'
import type { Identity } from './record.ts'

let bootId: string | undefined

/**
 * Identifies a running process so that it can be recognised later. Undefined when it ended, or is a
 * zombie.
 */
export function identify(pid: number): Identity | undefined {
  try {
    bootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8)
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X'
      ? undefined
      : { pid, began: `${bootId}:${fields[19]}` }
  } catch {
    return undefined
  }
}

/** Whether this very process still runs, not another one with its pid. */
export function isAlive(process: Identity | undefined): process is Identity {
  return process !== undefined && identify(process.pid)?.began === process.began
}

/** Sends a signal to this very process. One that has ended is ignored. */
export function signalTo(target: Identity | undefined, signal: NodeJS.Signals): void {
  if (!isAlive(target)) return
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
