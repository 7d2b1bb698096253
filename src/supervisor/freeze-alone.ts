import { userInfo } from 'node:os'
import { asFault } from '../base/fault.ts'
import { parseSettings, readSettings } from '../config/settings.ts'
import type { FreezeAloneRequest, FrozenAlone } from '../doors/cli/cli.ts'
import { operatorActor, operatorId } from '../domain/operators/rules.ts'
import type { Backend } from '../ports/pods.ts'
import { writeFreezeMark } from './freeze-marks.ts'
import { openPlatform } from './platform.ts'

/**
 * Pauses pods without a supervisor: whatever it does not say, who froze what is written down beside
 * the journal, for the next one. Where even that fails, pods are paused nevertheless.
 */
export async function freezeAlone(request: FreezeAloneRequest): Promise<FrozenAlone> {
  const { home, env, agent, why } = request
  const account = env['USER'] ?? env['LOGNAME'] ?? userInfo().username
  const by = operatorActor(operatorId(account), 'cli')
  const unmarked = await writeFreezeMark(home.freezeMarks, { at: Date.now(), by, agent, why }).then(
    () => '',
    (thrown: unknown) => asFault(thrown).message,
  )
  // A mistake in the settings must not keep anybody from freezing.
  const settings = await readSettings(home.config).catch(() => parseSettings(''))
  const log = (): void => undefined
  const { backends } = await openPlatform({ home, env, settings, demo: false, log })
  await using _backends = backends
  const all = await Promise.all(backends.all().map((backend) => pausedOn(backend, agent)))
  return {
    paused: all.flatMap(({ paused }) => paused),
    failed: all.flatMap(({ failed }) => failed),
    unmarked,
  }
}

async function pausedOn(
  { freezer, lifecycle, kind }: Backend,
  agent: string | null,
): Promise<Pick<FrozenAlone, 'paused' | 'failed'>> {
  if (freezer === undefined) return { paused: [], failed: [] }
  try {
    const names = (await lifecycle.list())
      .filter((pod) => pod.state === 'running' && (agent === null || pod.agent === agent))
      .map((pod) => pod.agent)
    const failed = names.length === 0 ? new Map() : await freezer.pause(names)
    return {
      paused: names.filter((name) => !failed.has(name)),
      failed: [...failed].map(([name, { message }]) => ({ agent: name, why: message })),
    }
  } catch (thrown) {
    const fault = asFault(thrown)
    // An engine that is not installed has no pods.
    if (fault.code === 'backend.unavailable' && kind === 'podman' && isAbsent(fault.message))
      return { paused: [], failed: [] }
    return { paused: [], failed: [{ agent: `every pod on ${kind}`, why: fault.message }] }
  }
}

function isAbsent(message: string): boolean {
  return message === 'Podman is not installed'
}
