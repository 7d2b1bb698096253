import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where everything of a deck lies. Paths are absolute. */
export interface Home {
  root: string
  config: string
  policies: string
  database: string
  /** The search index: made from the database, and never missed. */
  words: string
  checkpoints: string
  mirror: string
  supervisorLog: string
  agents: string
  templates: string
  themes: string
  secrets: string
  trash: string
  /** Sockets and the lock: 0700, and short enough for a Unix socket's 107 bytes. */
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
  /** The in-pod client and the wrappers of gated commands; mounted read-only at `/opt/deck/bin`. */
  bin: string
  door: string
}

const LONGEST_SOCKET = 107 - '/doors/'.length - 32 - '.sock'.length

/** How the deck homes of demos begin: those, and only those, are removed by whoever ends the demo. */
export const DEMO_HOME = join(tmpdir(), 'clawdeck-demo-')

/** The deck home of an environment: `CLAWDECK_HOME`, else `~/.clawdeck`. */
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
    words: join(root, 'search.db'),
    checkpoints: join(root, 'checkpoints.jsonl'),
    mirror: join(root, 'logs', 'audit.jsonl'),
    supervisorLog: join(root, 'logs', 'supervisor.log'),
    templates: join(root, 'templates'),
    themes: join(root, 'themes'),
    secrets: join(root, 'secrets'),
    trash: join(root, 'trash'),
    socket: join(run, 'deck.sock'),
    lock: join(root, 'supervisor.lock'),
    agent: (name) => agentFolder(agents, run, name),
  }
}

function runFolder(root: string, env: NodeJS.ProcessEnv): string {
  const near = join(root, 'run')
  if (Buffer.byteLength(near) <= LONGEST_SOCKET) return near
  // Imported like other modules it would cost every command 5 ms, for the rare long path.
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
  }
}
