import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { shipped } from '../../src/config/data.ts'
import { readTemplate } from '../../src/domain/templates/catalog.ts'
import { compile } from '../../src/domain/templates/compile.ts'
import { tempFolder } from '../support/journal.ts'

/*
 * The compiled openclaw.json held to the real OpenClaw. It is 800 MB, so it is not installed with the suite:
 *
 *   mkdir ~/openclaw && cd ~/openclaw && npm i node@26 && PATH=$PWD/node_modules/.bin:$PATH npm i openclaw@2026.9.6
 *   CLAWDECK_OPENCLAW=~/openclaw npm test -- tests/openclaw
 *
 * Node 26 needs libatomic1 (Debian). The gateway is started in a sandbox, for which bubblewrap is needed.
 */
const INSTALL = process.env['CLAWDECK_OPENCLAW'] ?? ''
const BIN = join(INSTALL, 'node_modules', '.bin')
const BWRAP = '/usr/bin/bwrap'
const MISSING = whatIsMissing()
const TEMPLATES = ['coder', 'reviewer', 'security', 'devops']

function whatIsMissing(): string | undefined {
  if (INSTALL === '') return 'CLAWDECK_OPENCLAW names no install'
  return existsSync(join(BIN, 'openclaw')) ? undefined : `no openclaw in ${BIN}`
}

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const act of cleanups.splice(0).toReversed()) await act()
})

async function compiled(name: string) {
  const { template } = await readTemplate(
    [{ origin: 'built-in', path: shipped('templates') }],
    name,
  )
  const folder = tempFolder((act) => cleanups.push(act))
  const { spec, openclaw } = compile(template, {
    agent: `a-${name}`,
    backend: 'local',
    imageDigest: '',
    folder: { workspace: folder, state: folder, bin: folder, openclaw: folder },
  })
  return { folder, spec, openclaw }
}

async function validate(
  folder: string,
  config: unknown,
): Promise<{ valid: boolean; warnings?: unknown[]; issues?: { path: string }[] }> {
  const file = join(folder, 'openclaw.json')
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
  const env = {
    PATH: `${BIN}:${process.env['PATH']}`,
    HOME: folder,
    OPENCLAW_STATE_DIR: folder,
    OPENCLAW_CONFIG_PATH: file,
    OPENCLAW_SUPERVISOR_MODE: 'external',
    DO_NOT_TRACK: '1',
  }
  const said = await promisify(execFile)(join(BIN, 'openclaw'), ['config', 'validate', '--json'], {
    env,
  }).catch((thrown: { stdout: string }) => thrown)
  return JSON.parse(said.stdout) as { valid: boolean }
}

describe.skipIf(MISSING !== undefined)(
  `the real OpenClaw${MISSING === undefined ? '' : ` (${MISSING})`}`,
  { timeout: 60_000 },
  () => {
    it.each(TEMPLATES)('takes what %s compiles to, without a warning', async (name) => {
      const { folder, openclaw } = await compiled(name)
      expect(await validate(folder, openclaw)).toMatchObject({ valid: true, warnings: [] })
    })

    it('refuses a key that it does not know', async () => {
      const { folder, openclaw } = await compiled('coder')
      expect(
        await validate(folder, {
          ...openclaw,
          gateway: { ...(openclaw['gateway'] as object), leaveOpen: true },
        }),
      ).toMatchObject({ valid: false, issues: [{ path: 'gateway' }] })
    })
  },
)

const NO_SANDBOX = MISSING ?? (existsSync(BWRAP) ? undefined : 'bubblewrap is not installed')

describe.skipIf(NO_SANDBOX !== undefined)(
  `its gateway${NO_SANDBOX === undefined ? '' : ` (${NO_SANDBOX})`}`,
  { timeout: 120_000 },
  () => {
    it('comes up as a pod without a network starts it, with a token of its own', async () => {
      const { folder, spec, openclaw } = await compiled('coder')
      const config = join(folder, 'openclaw.json')
      writeFileSync(config, JSON.stringify(openclaw))
      for (const name of ['state/home', 'state/logs', 'workspace'])
        mkdirSync(join(folder, name), { recursive: true, mode: 0o700 })
      const pod = spawn(
        BWRAP,
        sandboxed(folder, config, { ...spec.env, PATH: '/opt/node_modules/.bin:/usr/bin:/bin' }),
        { stdio: ['ignore', 'pipe', 'pipe'] },
      )
      cleanups.push(() => pod.kill('SIGKILL'))
      let said = ''
      for (const stream of [pod.stdout, pod.stderr])
        stream.on('data', (chunk: Buffer) => {
          said += chunk.toString()
        })
      await once(pod, 'exit')
      expect(said).toContain('deck-init: starting the OpenClaw gateway')
      expect(said).toContain('startupz 200')
      expect(said).toContain('token 600 45')
    })
  },
)

/** Asks the gateway until it has started, looks at the token, and ends the pod. */
const ASK = `const http = require('node:http'), fs = require('node:fs')
const ask = () => http.get('http://127.0.0.1:18789/startupz', (answer) => answer.statusCode === 200 ? done() : later(answer)).on('error', () => setTimeout(ask, 100))
const later = (answer) => { answer.resume(); setTimeout(ask, 100) }
const done = () => {
  const token = fs.statSync('/run/boot/gateway-token')
  console.log('startupz 200\\ntoken', (token.mode & 0o777).toString(8), token.size)
  process.exit()
}
ask()`

function sandboxed(folder: string, config: string, env: Record<string, string>): string[] {
  return [
    '--unshare-user',
    '--unshare-pid',
    '--unshare-net',
    '--uid',
    '1000',
    '--gid',
    '1000',
    '--cap-drop',
    'ALL',
    '--die-with-parent',
    '--clearenv',
    '--ro-bind',
    '/usr',
    '/usr',
    '--symlink',
    'usr/bin',
    '/bin',
    '--symlink',
    'usr/lib',
    '/lib',
    '--symlink',
    'usr/lib64',
    '/lib64',
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--ro-bind',
    join(INSTALL, 'node_modules'),
    '/opt/node_modules',
    '--ro-bind',
    shipped('templates', 'image'),
    '/opt/image',
    '--ro-bind',
    config,
    '/policy/openclaw.json',
    '--bind',
    join(folder, 'state'),
    '/state',
    '--bind',
    join(folder, 'workspace'),
    '/workspace',
    '--tmpfs',
    '/tmp',
    '--tmpfs',
    '/run/boot',
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    '--chdir',
    '/workspace',
    '--',
    '/bin/sh',
    '-c',
    '/opt/image/deck-init & node -e "$0"; kill "$!"; wait',
    ASK,
  ]
}
