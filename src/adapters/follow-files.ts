import { watch } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { GrowingFile } from './growing-file.ts'

/** A follower reads at most one block in this time, whatever is written. */
const PACE_MS = 10

/** A file whose lines are followed, and what they mean. */
interface FollowedFile<T> {
  file: GrowingFile
  lineOf(text: string): T | undefined
}

/**
 * New lines of files in a folder as they are written, until aborted or the folder is gone. The
 * folder is watched for one change at a time: a pod that writes without pause causes one event, not
 * one for each write.
 */
export async function* followFiles<T>(
  files: readonly FollowedFile<T>[],
  folder: string,
  signal: AbortSignal,
): AsyncGenerator<T> {
  while (!signal.aborted) {
    // Begins before the files are read, so that nothing is missed.
    const change = nextChange(folder, signal)
    if (change === undefined) return
    const began = performance.now()
    let isBehind = false
    try {
      for (const { file, lineOf } of files) {
        const { lines, more } = await file.more()
        if (more) isBehind = true
        for (const text of lines) {
          const line = lineOf(text)
          if (line !== undefined) yield line
        }
      }
      if (!isBehind) await change.happened
    } finally {
      change.close()
    }
    const rest = PACE_MS - (performance.now() - began)
    if (rest > 0) await pause(rest)
  }
}

/** The next change in a folder, or an abort. Undefined when there is no such folder. */
function nextChange(
  folder: string,
  signal: AbortSignal,
): { happened: Promise<void>; close(): void } | undefined {
  const { promise, resolve } = Promise.withResolvers<void>()
  const happen = (): void => resolve()
  try {
    const watcher = watch(folder, happen).on('error', happen)
    signal.addEventListener('abort', happen, { once: true })
    if (signal.aborted) happen()
    return {
      happened: promise,
      close() {
        watcher.close()
        signal.removeEventListener('abort', happen)
      },
    }
  } catch {
    return undefined
  }
}
