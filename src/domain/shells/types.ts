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

/** A viewer of a held terminal. Its methods must not block or throw. */
export interface Viewer {
  /** Further output. The bytes are not changed afterwards. */
  data(bytes: Uint8Array): void
  /**
   * Clears the screen and redraws it with these bytes: at first, and when a slow viewer has caught
   * up.
   */
  reset(bytes: Uint8Array): void
  /** Another viewer resized the terminal. A `reset` follows. */
  size(columns: number, rows: number): void
  exit(code: number): void
  /** Number of bytes that the viewer has not sent on yet. */
  waiting(): number
}

/** A viewer's connection to a held terminal. */
export interface Attachment {
  write(keys: Uint8Array): void
  resize(columns: number, rows: number): void
  /** To be called when the viewer has sent on everything it had. */
  drained(): void
  close(): void
}

export interface Shells {
  list(): Promise<Shell[]>
  /** Opens a shell, or runs `argv`, in a running pod. To see it, attach to it. */
  open(
    agent: string,
    options: { argv?: string[] | undefined; columns: number; rows: number },
    actor: string,
  ): Promise<Shell>
  end(id: string, actor: string): Promise<Shell>
  /** Finds an open shell and answers how a viewer joins it. Faults: `not.found`, `shell.ended`. */
  join(id: string): (viewer: Viewer, size?: { columns: number; rows: number }) => Attachment
}
