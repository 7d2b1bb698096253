/** One PTY, held by the supervisor. */
export interface Shell {
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

/** Whoever looks at a held terminal. Nothing here may block or throw. */
export interface Viewer {
  /** More bytes for the screen. They are not changed afterwards. */
  data(bytes: Uint8Array): void
  /** Clear the screen, then these bytes redraw it: first of all, and whenever a slow viewer is brought up to date. */
  reset(bytes: Uint8Array): void
  /** Another viewer gave the terminal this size; a `reset` follows. */
  size(columns: number, rows: number): void
  exit(code: number): void
  /** Bytes that the viewer was given and has not yet passed on. */
  waiting(): number
}

/** A viewer's hold on a terminal. */
export interface Attachment {
  write(keys: Uint8Array): void
  resize(columns: number, rows: number): void
  /** The viewer passed on everything it had: says so after it was slow. */
  drained(): void
  close(): void
}
export interface Shells {
  list(): Promise<Shell[]>
  /** Opens a shell (or `argv`) in a running pod. The bytes flow over the attach route. */
  open(
    agent: string,
    options: { argv?: string[] | undefined; columns: number; rows: number },
    actor: string,
  ): Promise<Shell>
  end(id: string, actor: string): Promise<Shell>
  /** Finds an open shell and answers how a viewer joins it. Faults: `not.found`, `shell.ended`. */
  join(id: string): (viewer: Viewer, size?: { columns: number; rows: number }) => Attachment
}
