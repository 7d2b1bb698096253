import { rmSync } from 'node:fs'
import { asFault } from '../base/fault.ts'
import { DEMO_HOME, type Home } from '../config/home.ts'
import { startSupervisor, type SupervisorOptions } from './start.ts'

/** The exit code when another supervisor runs this deck. */
const TAKEN_EXIT = 75

/** The background process of a deck home. Runs until it is stopped; its output goes to a log. */
export async function runSupervisor(options: Omit<SupervisorOptions, 'log'>): Promise<void> {
  const log = (what: string) => {
    process.stderr.write(`${new Date().toISOString()} ${what}\n`)
  }
  const defect = (thrown: unknown) =>
    log(`defect: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`)
  process.on('uncaughtException', defect)
  process.on('unhandledRejection', defect)
  try {
    const starting = startSupervisor({ ...options, log })
    // A signal during the start stops it in order once it has started.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(signal, () => {
        starting.then(
          (supervisor) => supervisor.stop(signal).finally(() => process.exit(0)),
          () => undefined,
        )
      })
    // Whoever can reach nothing else can still send a signal.
    process.on('SIGUSR2', () => {
      starting
        .then(({ composed }) => composed.freezing.freezeAll('the signal SIGUSR2', 'supervisor'))
        .catch((thrown: unknown) => log(`freezing: ${asFault(thrown).message}`))
    })
    const supervisor = await starting
    supervisor.onStopped(() => {
      if (options.demo) removeDemo(options.home)
      process.exit(0)
    })
  } catch (thrown) {
    const fault = asFault(thrown)
    if (fault.code === 'bug') defect(fault.cause)
    else log(`${fault.message}${fault.hint === undefined ? '' : ` ${fault.hint}`}`)
    process.exit(fault.code === 'supervisor.taken' ? TAKEN_EXIT : fault.exitCode)
  }
}

/** Removes the files of a demo, in case its console could not. */
function removeDemo({ root, run }: Home): void {
  if (!root.startsWith(DEMO_HOME)) return
  for (const path of [root, run]) rmSync(path, { recursive: true, force: true, maxRetries: 3 })
}
