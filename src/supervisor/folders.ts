import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Fault } from '../base/fault.ts'
import type { Home } from '../config/home.ts'

/** Creates the deck's folders, each for its owner alone. Fault `supervisor.unavailable`. */
export function makeFolders(home: Home): void {
  for (const folder of [
    home.root,
    home.run,
    join(home.run, 'doors'),
    home.agents,
    home.templates,
    home.secrets,
    home.trash,
    join(home.root, 'logs'),
  ]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      chmodSync(folder, 0o700)
    } catch (cause) {
      throw new Fault('supervisor.unavailable', `the folder ${folder} cannot be created`, {
        cause,
        hint: 'Check who owns the deck home: `clawdeck doctor`.',
      })
    }
  }
}
