import type { Home } from '../../config/home.ts'
import type { Launch } from './launch.ts'
import { isListening } from '../../wire/listening.ts'

/**
 * Starts this deck's supervisor if none is running, and resolves when it answers. If several start
 * one at the same time, one remains and all use it. Fault `supervisor.unavailable` carries the end
 * of its log.
 */
export async function ensureSupervisor(
  home: Home,
  env: NodeJS.ProcessEnv,
  launch: Launch,
  timeoutMs?: number,
): Promise<'running' | 'started'> {
  if (await isListening(home.socket)) return 'running'
  await (await import('./launch.ts')).launchSupervisor(home, env, launch, timeoutMs)
  return 'started'
}
