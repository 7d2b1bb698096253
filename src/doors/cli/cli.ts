import type { Home } from '../../config/home.ts'
import type { consoleSettings } from '../../config/settings.ts'
import type { Link } from '../operator/link.ts'
import type { Launch } from './launch.ts'
import type { Paint, Streams } from './terminal.ts'

/** What only the entry of the program can reach, so that this door need not know other doors. */
export interface CliProgram {
  version: string
  launch: Launch
  /**
   * Pauses the pods of an agent, or of all for null, without the supervisor. Its next start learns
   * of that.
   */
  freezeAlone(request: FreezeAloneRequest): Promise<FrozenAlone>
  /**
   * Gives the console the terminal until the operator leaves. `openDemo` is called after the
   * operator left for the demo.
   */
  openConsole(
    link: Link,
    options: {
      home: Home
      env: NodeJS.ProcessEnv
      demo: boolean
      choice?: ReturnType<typeof consoleSettings>
      startSupervisor?: () => Promise<void>
      openDemo?: () => Promise<void>
    },
  ): Promise<void>
  /**
   * Gives a shell of an agent the whole terminal until it ends or the operator leaves. Returns an
   * exit code.
   */
  attachWhole(
    link: Link,
    request: { agent: string; fresh?: boolean; argv?: string[] },
  ): Promise<number>
}

export interface FreezeAloneRequest {
  home: Home
  env: NodeJS.ProcessEnv
  agent: string | null
  why: string
}

export interface FrozenAlone {
  /** The agents whose pods are paused now. */
  paused: string[]
  failed: { agent: string; why: string }[]
  /** Why the next supervisor does not learn who froze them; '' if it does. */
  unmarked: string
}

/** One run of the command line. */
export interface Cli {
  home: Home
  env: NodeJS.ProcessEnv
  /** Relative paths are relative to this folder. */
  cwd: string
  streams: Streams
  json: boolean
  paint: Paint
  program: CliProgram
  /** A link to the supervisor, which is started if need be. The journal names `door`. */
  link(door?: 'cli' | 'console'): Promise<Link>
  /** A link to the supervisor, which may not be running. */
  existingLink(): Promise<Link>
}
