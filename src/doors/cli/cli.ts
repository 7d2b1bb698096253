import type { Home } from '../../config/home.ts'
import type { Settings } from '../../config/settings.ts'
import type { Link } from '../operator/link.ts'
import type { Launch } from './launch.ts'
import type { Paint, Streams } from './terminal.ts'

/** What only the entry of the program can reach, handed in so that this door needs to know no other. */
export interface Beyond {
  version: string
  launch: Launch
  /** Gives the console the terminal until the operator leaves. `openDemo` is called after one who left to see the demo. */
  openConsole(
    link: Link,
    options: {
      home: Home
      env: NodeJS.ProcessEnv
      demo: boolean
      choice?: Settings['console']
      startSupervisor?: () => Promise<void>
      openDemo?: () => Promise<void>
    },
  ): Promise<void>
  /** Gives a shell of an agent the whole terminal until it ends or the operator leaves; the answer is an exit code. */
  attachWhole(
    link: Link,
    wish: { agent: string; fresh?: boolean; argv?: string[] },
  ): Promise<number>
}

/** One run of the command line. */
export interface Cli {
  home: Home
  env: NodeJS.ProcessEnv
  /** Relative paths are seen from here. */
  cwd: string
  streams: Streams
  json: boolean
  paint: Paint
  beyond: Beyond
  /** A line to the supervisor, started first if it is not there; in the journal its acts are those of `door`. */
  link(door?: 'cli' | 'console'): Promise<Link>
  /** A line to the supervisor that may not be there. */
  linkIfThere(): Link
}
