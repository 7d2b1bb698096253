import type { Clock } from '../../base/clock.ts'
import type { PodSpec } from '../../ports/pods.ts'

/** What a simulated command runs in: its pod, its surroundings and where it writes. */
export interface CommandContext {
  spec: PodSpec
  clock: Clock
  env: Record<string, string>
  cwd: string
  out(text: string): void
  err(text: string): void
  /** Aborted when what runs has to end: the pod stopped, or Ctrl-C. */
  signal: AbortSignal
  /** Only with a terminal. */
  size: (() => { columns: number; rows: number }) | undefined
  /** Socket of the guard door, while it is open. */
  door(): string | undefined
  /** While the pod is paused, resolves when it is resumed. */
  held(): Promise<void> | undefined
  status: number
}
