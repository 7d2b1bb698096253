/**
 * A record of the governance API: what somebody tells, and others read. All kinds of them are kept
 * in one table.
 */
export interface RecordRow {
  org: string
  /** `goal`, `message`, `loop`. */
  kind: string
  /** Its id, unique within the kind and organisation. */
  key: string
  /** The `agent_id` of its data; '' without one. */
  agent: string
  /** What it belongs to: see `parentField`. '' without it. */
  parent: string
  /** The `status` of its data; '' without one. */
  status: string
  /** Higher ones come first in lists; 0 for kinds whose lists go by time alone. */
  rank: number
  /** When it was made, in Unix milliseconds. */
  at: number
  /** Its fields as the wire shows them. */
  data: RecordData
}

export type RecordData = Readonly<Record<string, unknown>>

/** What somebody looks for. Everything given has to hold. */
export interface RecordQuery {
  agent?: string | null | undefined
  status?: string | null | undefined
  /** How much they matter: see `rankOf`. */
  rank?: number | undefined
  /** Fields of the data that have to have this value; what is undefined or null is not asked. */
  where?: Readonly<Record<string, string | number | boolean | null | undefined>>
  /** Numbers of the data: at least, and at most. */
  atLeast?: Readonly<Record<string, number | undefined>>
  atMost?: Readonly<Record<string, number | undefined>>
  /** Made at this time or later, and before that one; in Unix milliseconds. */
  from?: number | undefined
  before?: number | undefined
  /** Lists of the data that have to contain this text. */
  has?: Readonly<Record<string, string | null | undefined>>
  /** Text that one of these fields contains, whatever its case. */
  search?: { text: string; in: readonly string[] } | undefined
  /**
   * By fields of the data, `-` before one for descending. Without it those with the highest rank
   * come first, and then the newest.
   */
  order?: readonly string[]
  /** Whatever their rank, the oldest come first. */
  oldest?: boolean
  limit: number
  offset?: number | undefined
}
