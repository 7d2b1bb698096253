import type { Duplex } from 'node:stream'
import type { WorldFrame } from '../../commands/wire.ts'

/**
 * A door's connection to the supervisor. Faults arrive as they were thrown; a supervisor that does
 * not answer is Fault `supervisor.unavailable`.
 */
export interface Link {
  do(id: string, input?: unknown): Promise<unknown>
  stream(id: string, input: unknown, signal: AbortSignal): AsyncIterable<unknown>
  /** Ends when the supervisor ends. Call again to reconnect. */
  world(signal: AbortSignal): AsyncIterable<WorldFrame>
  /** A duplex stream of `PtyFrame`s (see `commands/wire.ts`). */
  attach(shell: string, size: { columns: number; rows: number }): Promise<Duplex>
  close(): void
}
