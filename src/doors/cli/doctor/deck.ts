import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { CLOCK_TOLERANCE_MS } from '../../../base/clock.ts'
import { asFault } from '../../../base/fault.ts'
import { ago, count, span } from '../../../base/text.ts'
import type { SupervisorStatus } from '../../../commands/deck.ts'
import { shipped } from '../../../config/data.ts'
import { readPrograms } from '../../../config/programs.ts'
import { readSettings, type Settings } from '../../../config/settings.ts'
import { readYaml } from '../../../config/yaml.ts'
import type { DoorRow } from '../../../domain/doors/types.ts'
import type { PolicyFile } from '../../../domain/policy/types.ts'
import type { TemplateSummary } from '../../../domain/templates/types.ts'
import type { Verification } from '../../../journal/types.ts'
import type { Cli } from '../cli.ts'
import { isListening } from '../../../wire/listening.ts'
import { bad, good, poor, type Check } from './check.ts'
import { pageCheck } from './page.ts'

const MAX_SOCKET_BYTES = 107

/** The deck home: permissions, and whether its files can be read. */
export function homeChecks({ home }: Cli): Check[] {
  if (!existsSync(home.root))
    return [poor('home', `${home.root} does not exist yet`, 'Create it: clawdeck init')]
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
      `${path} is accessible to others (mode ${(mode & 0o777).toString(8)})`,
      `Run: chmod 700 ${path}`,
    )
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    return bad(
      name,
      `${path} cannot be written`,
      `Run: chmod 700 ${path}, and check that its file system is not mounted read-only`,
    )
  }
  return good(name, path)
}

function key(path: string): Check {
  if (!existsSync(path)) return poor('host key', 'does not exist yet', 'Create it: clawdeck init')
  const mode = statSync(path).mode & 0o777
  return (mode & 0o077) === 0
    ? good('host key', path)
    : bad(
        'host key',
        `${path} can be read by others (mode ${mode.toString(8)})`,
        `Run: chmod 600 ${path}. If others use this machine, create a new key`,
      )
}

function socketPath(path: string): Check {
  const length = Buffer.byteLength(path)
  return length > MAX_SOCKET_BYTES
    ? bad(
        'socket',
        `its path has ${length} bytes; at most ${MAX_SOCKET_BYTES} are possible`,
        'Use a shorter CLAWDECK_HOME or XDG_RUNTIME_DIR.',
      )
    : good('socket', path)
}

/** Checks `config.yaml`, and returns its settings if it is valid. */
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

/** What only a running supervisor knows. Without one, its files are checked. */
export async function supervisorChecks(cli: Cli): Promise<Check[]> {
  if (!(await isListening(cli.home.socket))) return [notRunning(cli), ...(await files(cli))]
  const link = await cli.existingLink()
  try {
    const [status, policies, templates, verification, doors] = await Promise.all([
      link.do('supervisor.status') as Promise<SupervisorStatus>,
      link.do('policy.list') as Promise<{ file: PolicyFile; tooFew: string[] }>,
      link.do('template.list') as Promise<TemplateSummary[]>,
      link.do('audit.verify') as Promise<Verification>,
      link.do('access.doors') as Promise<DoorRow[]>,
    ])
    return [
      versionCheck(status, cli.program.version),
      ...clockChecks(status),
      ...chatChecks(status),
      ...status.backend.problems.map(({ what, fix }) =>
        (status.backend.ready ? poor : bad)('backend', what, fix),
      ),
      policiesCheck(policies.file),
      ...policies.tooFew.map((text) =>
        poor('people', text, 'Let somebody else decide too: clawdeck operators add <name>'),
      ),
      ...templateChecks(templates),
      journalCheck(verification, status),
      pageCheck(doors),
    ]
  } catch (thrown) {
    return [
      bad(
        'supervisor',
        asFault(thrown).message,
        'See `clawdeck supervisor logs`. To restart it: clawdeck supervisor stop, then any command',
      ),
    ]
  }
}

function versionCheck({ pid, version }: SupervisorStatus, own: string): Check {
  return version === own
    ? good('supervisor', `process ${pid}, version ${version}`)
    : poor(
        'supervisor',
        `it has version ${version}, this program ${own}`,
        'Restart it: clawdeck supervisor stop, then any command',
      )
}

function clockChecks({ clockBehindMs }: SupervisorStatus): Check[] {
  if (!(clockBehindMs > CLOCK_TOLERANCE_MS)) return []
  return [
    poor(
      'clock',
      `it is ${span(clockBehindMs)} behind the latest event of the journal`,
      'Set the clock. Until it has caught up, expiry goes by the time of the journal.',
    ),
  ]
}

function chatChecks({ chat }: SupervisorStatus): Check[] {
  if (!chat) return []
  const { bot, lastContactAt, problem, chats } = chat
  const contact = `last contact ${ago(lastContactAt, Date.now())}`
  const who = bot === null ? 'the bot' : `@${bot}`
  if (problem === null)
    return [good('telegram', `${who}, ${count(chats, 'paired chat')}, ${contact}`)]
  return [
    bad(
      'telegram',
      `${who} is not reachable: ${problem} (${contact})`,
      'Check the network and telegram.apiRoot in config.yaml, or set the token again: clawdeck access bot telegram',
    ),
  ]
}

function policiesCheck({ path, problem }: PolicyFile): Check {
  return problem === null
    ? good('policies', path)
    : bad('policies', problem, `Correct ${path}. The previous policies stay in force until then`)
}

function journalCheck(
  { ok, events, firstBad, problems }: Verification,
  { journalProblem }: SupervisorStatus,
): Check {
  if (journalProblem)
    return bad(
      'journal',
      journalProblem,
      'See `clawdeck audit verify`. Restore a good copy of deck.db, or accept the loss: clawdeck audit accept-loss',
    )
  return ok
    ? good('journal', `${events} events, intact`)
    : bad(
        'journal',
        `broken at event ${firstBad ?? '?'}: ${problems[0]?.what ?? ''}`,
        'See `clawdeck audit verify`, and keep the file as evidence',
      )
}

function templateChecks(templates: readonly TemplateSummary[]): Check[] {
  const broken = templates.filter((template) => template.problem !== undefined)
  if (broken.length === 0) return [good('templates', templates.map(({ name }) => name).join(', '))]
  return broken.map((template) =>
    bad('templates', template.problem ?? '', `Correct ${template.path}`),
  )
}

function notRunning({ home }: Cli): Check {
  if (!existsSync(home.socket)) return good('supervisor', 'not running; any command starts it')
  return poor(
    'supervisor',
    `a crash left ${home.socket} behind`,
    'Nothing to do: the next command starts a supervisor that cleans up',
  )
}

/**
 * Whether policies and templates are YAML; their content is checked by a running supervisor.
 * Programs are read whole.
 */
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
  const broken = [...checks, ownPrograms(home.programs)].filter((check) => check !== undefined)
  return broken.length > 0
    ? broken
    : [good('files', 'policies, templates and programs can be read')]
}

function ownPrograms(folder: string): Check | undefined {
  try {
    readPrograms(folder)
    return undefined
  } catch (thrown) {
    const fault = asFault(thrown)
    return bad('programs', fault.message, fault.hint ?? `Correct ${folder}`)
  }
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
