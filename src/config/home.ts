import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The files and folders of a deck home. Paths are absolute. */
export interface Home {
  root: string
  config: string
  policies: string
  database: string
  /** Built from the database; rebuilt when it is missing. */
  searchIndex: string
  /** What is to be delivered to webhooks. */
  deliveries: string
  /** Bytes that messages of the governance API carry, by their SHA-256. */
  attachments: string
  /** The same for webhooks of the governance API, and what was sent. */
  apiDeliveries: string
  apiAttempts: string
  checkpoints: string
  /** A copy of the latest signed head. */
  lastCheckpoint: string
  /** Which event is the latest, outside of the database. */
  headMark: string
  /** What was frozen while no supervisor ran. */
  freezeMarks: string
  mirror: string
  supervisorLog: string
  agents: string
  templates: string
  /** Entries of the operator's own for the table of programs. */
  programs: string
  themes: string
  secrets: string
  /** The token of the bot at Telegram. */
  telegramBot: string
  trash: string
  /** For sockets: mode 0700, and short enough for the 107 bytes of a Unix socket's path. */
  run: string
  socket: string
  lock: string
  agent(name: string): AgentFolder
}

/** The folder of one agent. */
export interface AgentFolder {
  root: string
  manifest: string
  template: string
  openclaw: string
  spec: string
  lock: string
  mirror: string
  workspace: string
  state: string
  logs: string
  /** The in-pod client and the wrappers of gated commands, mounted read-only at `/opt/deck/bin`. */
  bin: string
  door: string
  gate: string
}

const MAX_RUN_BYTES = 107 - '/doors/'.length - 32 - '.sock'.length

/** Path prefix of demo deck homes. Ending a demo removes only folders with this prefix. */
export const DEMO_HOME = join(tmpdir(), 'clawdeck-demo-')

/** The deck home for an environment: `CLAWDECK_HOME`, else `~/.clawdeck`. */
export function deckHome(env: NodeJS.ProcessEnv = process.env): Home {
  const root = resolve(env['CLAWDECK_HOME'] ?? join(env['HOME'] ?? homedir(), '.clawdeck'))
  const run = runFolder(root, env)
  const agents = join(root, 'agents')
  return {
    root,
    run,
    agents,
    config: join(root, 'config.yaml'),
    policies: join(root, 'policies.yaml'),
    database: join(root, 'deck.db'),
    searchIndex: join(root, 'search.db'),
    deliveries: join(root, 'deliveries.db'),
    attachments: join(root, 'attachments'),
    apiDeliveries: join(root, 'api-deliveries.db'),
    apiAttempts: join(root, 'api-attempts.db'),
    checkpoints: join(root, 'checkpoints.jsonl'),
    lastCheckpoint: join(root, 'secrets', 'head.json'),
    headMark: join(root, 'secrets', 'head.mark'),
    freezeMarks: join(root, 'frozen.jsonl'),
    mirror: join(root, 'logs', 'audit.jsonl'),
    supervisorLog: join(root, 'logs', 'supervisor.log'),
    templates: join(root, 'templates'),
    programs: join(root, 'programs'),
    themes: join(root, 'themes'),
    secrets: join(root, 'secrets'),
    telegramBot: join(root, 'secrets', 'telegram.json'),
    trash: join(root, 'trash'),
    socket: join(run, 'deck.sock'),
    lock: join(root, 'supervisor.lock'),
    agent: (name) => agentFolder(agents, run, name),
  }
}

function runFolder(root: string, env: NodeJS.ProcessEnv): string {
  const inside = join(root, 'run')
  if (Buffer.byteLength(inside) <= MAX_RUN_BYTES) return inside
  // A static import would cost every command 5 ms, for a path that is rarely so long.
  const { hash } = process.getBuiltinModule('node:crypto')
  return join(env['XDG_RUNTIME_DIR'] ?? tmpdir(), `clawdeck-${hash('sha256', root).slice(0, 16)}`)
}

function agentFolder(agents: string, run: string, name: string): AgentFolder {
  const root = join(agents, name)
  return {
    root,
    manifest: join(root, 'agent.yaml'),
    template: join(root, 'template.yaml'),
    openclaw: join(root, 'openclaw.json'),
    spec: join(root, 'container-spec.json'),
    lock: join(root, 'policy.lock.json'),
    mirror: join(root, 'audit.jsonl'),
    workspace: join(root, 'workspace'),
    state: join(root, 'state'),
    logs: join(root, 'logs'),
    bin: join(root, 'bin'),
    door: join(run, 'doors', `${name}.sock`),
    gate: join(run, 'gates', `${name}.sock`),
  }
}
