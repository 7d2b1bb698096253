import type { Home } from '../../config/home.ts'
import type { ConsoleChoice } from './attention.ts'

export interface ConsoleOptions {
  home: Pick<Home, 'themes'>
  env: NodeJS.ProcessEnv
  stdin: NodeJS.ReadStream
  stdout: NodeJS.WriteStream
  demo: boolean
  /** What `config.yaml` says; `CLAWDECK_THEME` and `CLAWDECK_QUIET` take precedence. */
  choice?: ConsoleChoice
  /** Starts the supervisor of this deck if it is not running. */
  startSupervisor?: () => Promise<void>
  /** Called after the operator left for the demo. Without it the console says how to start one. */
  openDemo?: () => Promise<void>
}
