/** One PTY, held by the supervisor. */
export interface Session {
  id: string
  agent: string
  title: string
  argv: string[]
  columns: number
  rows: number
  state: 'open' | 'ended'
  openedAt: number
  openedBy: string
  endedAt: number | null
  exitCode: number | null
  note: string
  /** The backend's handle of the terminal. */
  handle: string
}
