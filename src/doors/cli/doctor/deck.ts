import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { asFault } from '../../../base/fault.ts'
import type { SupervisorStatus } from '../../../commands/deck.ts'
import { shipped } from '../../../config/data.ts'
import { readSettings, type Settings } from '../../../config/settings.ts'
import { readYaml } from '../../../config/yaml.ts'
import type { PolicyFile } from '../../../domain/policy/types.ts'
import type { TemplateSummary } from '../../../domain/templates/types.ts'
import type { Verification } from '../../../journal/types.ts'
import type { Cli } from '../cli.ts'
import { answers } from '../ensure.ts'
import { bad, good, poor, type Check } from './check.ts'

const LONGEST_SOCKET = 107

/** The deck home: who may enter, whether its files can be read. */
export function homeChecks({ home }: Cli): Check[] {
  if (!existsSync(home.root))
    return [poor('home', `${home.root} is not there yet`, 'Make it: clawdeck init')]
  return [
    ownFolder('home', home.root),
    ...[home.run, home.secrets, home.agents]
      .filter(existsSync)
      .map((path) => ownFolder(path.slice(home.root.length + 1) || path, path)),
    key(join(home.secrets, 'host.key')),
    socketPath(home.socket),
  ]
}

function ownFolder(name: string, path: string): Check {
  const { mode, uid } = statSync(path)
  if (process.getuid !== undefined && uid !== process.getuid())
    return bad(
      name,
      `${path} belongs to user ${uid}`,
      `Make it yours: sudo chown -R ${process.getuid()} ${path}`,
    )
  if ((mode & 0o077) !== 0)
    return bad(
      name,
      `${path} is open to others (mode ${(mode & 0o777).toString(8)})`,
      `Run: chmod 700 ${path}`,
    )
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    return bad(
      name,
      `${path} cannot be written`,
      `Run: chmod 700 ${path}, and see that its disk is not mounted read-only`,
    )
  }
  return good(name, path)
}

function key(path: string): Check {
  if (!existsSync(path)) return poor('host key', 'not made yet', 'Make it: clawdeck init')
  const mode = statSync(path).mode & 0o777
  return (mode & 0o077) === 0
    ? good('host key', path)
    : bad(
        'host key',
        `${path} can be read by others (mode ${mode.toString(8)})`,
        `Run: chmod 600 ${path}; if others use this machine, make a new key`,
      )
}

function socketPath(path: string): Check {
  const length = Buffer.byteLength(path)
  return length > LONGEST_SOCKET
    ? bad(
        'socket',
        `its path has ${length} bytes, ${LONGEST_SOCKET} are possible`,
        'Use a shorter CLAWDECK_HOME or XDG_RUNTIME_DIR.',
      )
    : good('socket', path)
}

/** `config.yaml`: the check, and what it says. */
export async function settingsCheck({
  home,
}: Cli): Promise<{ check: Check; settings: Settings | undefined }> {
  try {
    return {
      check: good('settings', existsSync(home.config) ? home.config : 'defaults'),
      settings: await readSettings(home.config),
    }
  } catch (thrown) {
    const fault = asFault(thrown)
    return {
      check: bad('settings', fault.message, fault.hint ?? `Correct ${home.config}`),
      settings: undefined,
    }
  }
}

/** What only a running supervisor knows; without one, what its files say. */
export async function supervisorChecks(cli: Cli): Promise<Check[]> {
  const { home, beyond } = cli
  if (!(await answers(home.socket))) return [asleep(cli), ...(await files(cli))]
  const link = cli.linkIfThere()
  try {
    const [status, policies, templates, proof] = await Promise.all([
      link.do('supervisor.status') as Promise<SupervisorStatus>,
      link.do('policy.list') as Promise<{ file: PolicyFile }>,
      link.do('template.list') as Promise<TemplateSummary[]>,
      link.do('audit.verify') as Promise<Verification>,
    ])
    const { problem } = policies.file
    return [
      status.version === beyond.version
        ? good('supervisor', `process ${status.pid}, version ${status.version}`)
        : poor(
            'supervisor',
            `runs version ${status.version}, this is ${beyond.version}`,
            'Restart it: clawdeck supervisor stop, then any command',
          ),
      ...status.backend.problems.map(({ what, fix }) =>
        (status.backend.ready ? poor : bad)('backend', what, fix),
      ),
      problem === null
        ? good('policies', policies.file.path)
        : bad(
            'policies',
            problem,
            `Correct ${policies.file.path}; the last good ones are in force`,
          ),
      ...templateChecks(templates),
      proof.ok
        ? good('journal', `${proof.events} events hold`)
        : bad(
            'journal',
            `does not hold from event ${proof.firstBad ?? '?'} on: ${proof.problems[0]?.what ?? ''}`,
            'See `clawdeck audit verify`; keep the file, it is evidence',
          ),
    ]
  } catch (thrown) {
    return [
      bad(
        'supervisor',
        asFault(thrown).message,
        'See `clawdeck supervisor logs`; `clawdeck supervisor stop` and any command start it anew',
      ),
    ]
  }
}

function templateChecks(templates: readonly TemplateSummary[]): Check[] {
  const broken = templates.filter((template) => template.problem !== undefined)
  if (broken.length === 0) return [good('templates', templates.map(({ name }) => name).join(', '))]
  return broken.map((template) =>
    bad('templates', template.problem ?? '', `Correct ${template.path}`),
  )
}

function asleep({ home }: Cli): Check {
  if (!existsSync(home.socket)) return good('supervisor', 'not running; any command starts it')
  return poor(
    'supervisor',
    `a crash left ${home.socket} behind`,
    'Nothing to do: the next command starts a supervisor that cleans up',
  )
}

/** Without a supervisor: whether the files are there and are YAML at all; what they mean it says when it runs. */
async function files({ home }: Cli): Promise<Check[]> {
  const folders = [shipped('templates'), home.templates].filter(existsSync)
  const paths = [
    home.policies,
    ...folders.flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => join(folder, name)),
    ),
  ]
  const checks = await Promise.all(paths.filter(existsSync).map(readable))
  const broken = checks.filter((check) => check !== undefined)
  return broken.length > 0 ? broken : [good('files', 'policies and templates can be read')]
}

async function readable(path: string): Promise<Check | undefined> {
  try {
    await readYaml(path, z.unknown(), { file: path, code: 'config.invalid' })
    return undefined
  } catch (thrown) {
    const fault = asFault(thrown)
    return bad('files', fault.message, fault.hint ?? `Correct ${path}`)
  }
}
