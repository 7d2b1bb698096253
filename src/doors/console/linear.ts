import type { ConsoleOptions } from './main.tsx'
import type { Link } from '../link.ts'

/** Whether plain lines are wanted instead of a screen: for screen readers, or any terminal that only prints. */
export function wantsLinear(env: NodeJS.ProcessEnv): boolean {
  return env['CLAWDECK_LINEAR'] === '1' || env['INK_SCREEN_READER'] === 'true'
}

export async function runLinear(link: Link, options: ConsoleOptions): Promise<void> {
  void link
  void options
}
