/**
 * The operator socket speaks HTTP/1.1 over a Unix socket:
 *
 * - `POST /v1/do/<act id>` with the act's input as JSON. 200 and the answer, or 4xx/5xx and
 *   `{fault}`. A streaming act answers `application/x-ndjson`: one `{item}` a line, and as last
 *   line `{end: true}` or `{fault}`.
 * - `GET /v1/world` answers a stream that does not end: one `WorldFrame` a line, the first a whole
 *   world.
 * - `GET /v1/shells/<id>/attach?columns=&rows=` with `Upgrade: clawdeck-pty`: after 101,
 *   `PtyFrame`s both ways.
 *
 * The header `x-clawdeck-door` (`cli`, `console`) says which door is used; it only goes into the
 * actor's name.
 */

import type { Status } from '../domain/rules/types.ts'
import type { PolicyFile } from '../domain/policy/types.ts'
import type { DeckEvent, MirroredNoun, MirroredRows } from '../journal/types.ts'
import type { BackendReport, PodUsage } from '../ports/pods.ts'
import type { FaultJson } from '../base/fault.ts'

/** The most learned rules that doors mirror. */
export const RULES_SHOWN = 500

/** A mirrored row after a change; null if it was deleted. */
export type RowChange = {
  [N in MirroredNoun]: { noun: N; id: string; row: MirroredRows[N] | null }
}[MirroredNoun]

export interface DeckFacts {
  version: string
  home: string
  demo: boolean
  startedAt: number
  backend: BackendReport
  events: number
  /** Whether the last verification succeeded; null before the first. */
  verified: boolean | null
  /** Why the journal is not trusted, so that a person decides everything; null while it is. */
  journalProblem: string | null
  policyFile: Pick<PolicyFile, 'path' | 'problem'>
  /** The number of learned rules by status. */
  rules: Record<Status, number>
  /** How often a person was asked in the last hour, if a budget is set. */
  budget?: { perHour: number | null; lastHour: number }
}

export interface World {
  seq: number
  deck: DeckFacts
  /** Mirrored rows by noun, each with its id, in the order of the first display. */
  rows: { [N in MirroredNoun]?: [id: string, row: MirroredRows[N]][] }
  /** The latest 200 events, oldest first. */
  events: DeckEvent[]
  usage: Record<string, PodUsage>
}

export type WorldFrame =
  | { kind: 'world'; world: World }
  /** Everything committed since the last frame. Rows are as they are now. */
  | { kind: 'delta'; seq: number; events: DeckEvent[]; rows: RowChange[] }
  /** Facts that are not in the journal. */
  | { kind: 'pulse'; deck?: Partial<DeckFacts>; usage?: Record<string, PodUsage> }
  /** The reader was too slow and missed frames; a whole world follows. */
  | { kind: 'lagged'; missed: number }
  | { kind: 'bye'; reason: string }

export type StreamLine = { item: unknown } | { end: true } | { fault: FaultJson }

/**
 * A PTY frame: one byte of kind, four bytes big-endian length, payload.
 * To the door: `data` (bytes for the screen), `reset` (clear, then these bytes redraw the whole
 * screen; sent first, and whenever a slow door was brought up to date), `exit` (int32 code), `size`
 * (another door resized the terminal). To the supervisor: `data` (keys), `size` (uint16 columns,
 * uint16 rows).
 */
export const PTY_FRAME = { data: 0, size: 1, exit: 2, reset: 3 } as const
export const PTY_HEADER_BYTES = 5
