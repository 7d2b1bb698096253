#!/usr/bin/env node
import type * as Fs from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CliProgram } from './doors/cli/cli.ts'

// This file is read by whatever Node is there, so it decides with next to nothing: everything else
// is imported late.

// An `import` of these reads each of their exports, some of which load much more: a tenth of the
// time of `--version`.
const builtin = createRequire(import.meta.url)
const { existsSync, readFileSync, writeSync } = builtin('node:fs') as typeof Fs

const OLDEST = [24, 16] as const
const ENTRY = fileURLToPath(import.meta.url)
const ROOT = fileURLToPath(new URL('..', import.meta.url))

async function main(argv: string[]): Promise<void> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V'))
    writeSync(1, `${version()}\n`)
  else if (tooOld()) await inPinnedNode(argv)
  else await open(argv)
}

function version(): string {
  return (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string })
    .version
}

function tooOld(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
}

/**
 * Starts again in the Node that was installed beside the program, or says in one line what is
 * needed.
 */
async function inPinnedNode(argv: string[]): Promise<void> {
  const pinned = join(ROOT, 'node_modules', 'node', 'bin', 'node')
  if (process.env['CLAWDECK_PINNED'] === '1' || !existsSync(pinned)) {
    const said = `clawdeck needs Node ${OLDEST.join('.')} or newer, this is ${process.versions.node}: install one, or run \`npm ci\` in ${ROOT} to get it`
    process.stderr.write(
      argv.includes('--json')
        ? `${JSON.stringify({ fault: { code: 'node.old', message: said } })}\n`
        : `${said}\n`,
    )
    process.exitCode = 5
    return
  }
  const { spawn } = await import('node:child_process')
  const child = spawn(pinned, [...process.execArgv, ENTRY, ...argv], {
    stdio: 'inherit',
    env: { ...process.env, CLAWDECK_PINNED: '1' },
  })
  // A terminal sends SIGINT to both of us; the child decides what it means, and ends us by ending.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)
    process.on(signal, () => child.kill(signal))
  process.on('SIGINT', () => {
    if (process.stdin.isTTY !== true) child.kill('SIGINT')
  })
  child.on('error', (error) => {
    console.error(`clawdeck cannot start ${pinned}: ${error.message}`)
    process.exitCode = 5
  })
  child.on('exit', (code, signal) => {
    if (signal !== null) process.removeAllListeners(signal).kill(process.pid, signal)
    else process.exit(code ?? 1)
  })
}

async function open(argv: string[]): Promise<void> {
  const [{ default: module }, { homedir }] = await Promise.all([
    import('node:module'),
    import('node:os'),
  ])
  // Of the owner alone: what lies there is run.
  module.enableCompileCache(
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'clawdeck'),
  )
  if (argv[0] === 'supervisor' && argv[1] === 'run') return supervise(argv)
  const { runCli } = await import('./doors/cli/run.ts')
  process.exitCode = await runCli(argv, {
    env: process.env,
    cwd: process.cwd(),
    streams: process,
    program,
  })
}

const program: CliProgram = {
  version: version(),
  launch: { command: process.execPath, args: [ENTRY, 'supervisor', 'run'] },
  async freezeAlone(request) {
    return (await import('./supervisor/freeze-alone.ts')).freezeAlone(request)
  },
  async openConsole(link, options) {
    // With `fetch` at hand, Ink's layout engine would unpack itself through it, and load a whole
    // HTTP client: 20 ms of start-up.
    Reflect.deleteProperty(globalThis, 'fetch')
    const { runConsole } = await import('./doors/console/main.ts')
    await runConsole(link, { ...options, stdin: process.stdin, stdout: process.stdout })
  },
  async attachWhole(link, wish) {
    const [{ keyboard, passThrough }, { findShell }] = await Promise.all([
      import('./doors/console/terminal/whole.ts'),
      import('./doors/console/terminal/find-shell.ts'),
    ])
    const shell = await findShell(link, wish, {
      columns: process.stdout.columns,
      rows: process.stdout.rows,
    })
    const end = await passThrough({
      link,
      shell,
      input: keyboard(process.stdin),
      output: process.stdout,
    })
    if (end.why === 'exit') return end.exitCode ?? 1
    return end.why === 'left' ? 0 : 5
  },
}

/** The background process itself. What it could not do is told to its log. */
async function supervise(argv: string[]): Promise<void> {
  const [{ deckHome }, { runSupervisor }] = await Promise.all([
    import('./config/home.ts'),
    import('./supervisor/main.ts'),
  ])
  await runSupervisor({
    home: deckHome(process.env),
    env: process.env,
    version: version(),
    demo: argv.includes('--demo'),
  })
}

await main(process.argv.slice(2))
