import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tempFolder } from '../support/journal.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const undo: (() => unknown)[] = []
let home = ''

/** Packs a package into a folder outside of the repository, and says where the file is. */
function packed(folder: string, into: string): string {
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', into]
  const [{ filename }] = JSON.parse(
    execFileSync('npm', pack, { cwd: join(ROOT, folder), encoding: 'utf8' }),
  ) as [{ filename: string }]
  return join(into, filename)
}

/** An empty folder outside of the repository, with the packed library and nothing else. */
beforeAll(() => {
  home = tempFolder((end) => undo.push(end))
  const target = join(home, 'node_modules', 'clawdeck')
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['xzf', packed('.', home), '-C', target, '--strip-components=1'])
  writeFileSync(join(home, 'package.json'), '{"type": "module"}')
})
afterAll(() => {
  for (const end of undo) end()
})

const ENTRIES = ['client', ...['langchain', 'ai', 'agents', 'models'].map((of) => `client/${of}`)]

describe('a stranger with the packed client', () => {
  test('loads nothing of the deck, of Node, or of any other package', () => {
    const imports = ENTRIES.map((entry) => `await import('clawdeck/${entry}')`).join('\n')
    writeFileSync(
      join(home, 'loaded.js'),
      `
      import { registerHooks } from 'node:module'
      const seen = []
      registerHooks({
        resolve(name, context, next) {
          if (!name.startsWith('.')) seen.push(name)
          return next(name, context)
        },
      })
      ${imports}
      console.log(JSON.stringify(seen))
      `,
    )
    const out = execFileSync(process.execPath, ['loaded.js'], { cwd: home, encoding: 'utf8' })
    expect(JSON.parse(out)).toEqual(ENTRIES.map((entry) => `clawdeck/${entry}`))
  })

  test.each([
    ['in a browser', ['--lib', 'es2022,dom,dom.iterable,dom.asynciterable']],
    ['in Node', ['--typeRoots', join(ROOT, 'node_modules/@types'), '--types', 'node']],
  ])('is checked by its types %s', (_where, platform) => {
    writeFileSync(
      join(home, 'typed.ts'),
      `
      import { DashClaw, DeckClient, GuardBlockedError, type CreatedAction } from 'clawdeck/client'
      import { DeckCallbackHandler } from 'clawdeck/client/langchain'
      import { deckMiddleware, governTools } from 'clawdeck/client/ai'
      import { governAgentTool } from 'clawdeck/client/agents'
      const deck = new DeckClient({ baseUrl: 'https://deck.test', agentId: 'a' })
      export const other: DeckClient = new DashClaw({ baseUrl: 'https://deck.test', agentId: 'b' })
      export async function ship(): Promise<CreatedAction> {
        const created = await deck.createAction({ actionType: 'deploy', declaredGoal: 'Ship' })
        await deck.updateOutcome(created.action_id, { status: 'completed', duration_ms: 5 })
        const { loop_id } = await deck.registerOpenLoop(created.action_id, 'question', 'When?')
        await deck.resolveOpenLoop(loop_id, 'resolved', 'Now')
        deck.events().on('action.updated', (row) => row['status'])
        return created
      }
      export const reasons = (error: GuardBlockedError): readonly string[] => error.reasons
      export const parts = [new DeckCallbackHandler(deck), deckMiddleware(deck), governTools(deck, {})]
      const tool = { name: 't', invoke: async (context: never, input: string) => input }
      export const same: typeof tool = governAgentTool(deck, tool)
      // @ts-expect-error a goal is required
      deck.createAction({ action_type: 'deploy' })
      // @ts-expect-error an answer is typed
      const wrong: number = ship().then(({ action_id }) => action_id)
      export { wrong }
      `,
    )
    const check = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext']
    execFileSync(
      join(ROOT, 'node_modules/.bin/tsc'),
      [...check, '--exactOptionalPropertyTypes', ...platform, '--ignoreConfig', 'typed.ts'],
      { cwd: home, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    )
  })
})

test('the client alone is installed without a network, on Node 20, and is the same', () => {
  const alone = tempFolder((end) => undo.push(end))
  writeFileSync(join(alone, 'package.json'), '{"type": "module"}')
  const file = packed('dist/client', alone)
  expect(file).toMatch(/-client\.tgz$/)
  const install = ['install', '--offline', '--no-audit', '--engine-strict', file]
  execFileSync('npm', install, { cwd: alone, stdio: 'pipe' })
  expect(readdirSync(join(alone, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
    'clawdeck',
  ])
  const manifest = JSON.parse(
    readFileSync(join(alone, 'node_modules/clawdeck/package.json'), 'utf8'),
  ) as { engines: unknown; exports: Record<string, { types: string }> }
  expect(manifest.engines).toEqual({ node: '>=20' })
  for (const { types } of Object.values(manifest.exports))
    expect(existsSync(join(alone, 'node_modules/clawdeck', types))).toBe(true)
  const names = (folder: string): string => {
    const script = ENTRIES.map(
      (entry) => `console.log(Object.keys(await import('clawdeck/${entry}')).join())`,
    ).join('\n')
    const run = ['--input-type=module', '--eval', script]
    return execFileSync(process.execPath, run, { cwd: folder, encoding: 'utf8' })
  }
  expect(names(alone)).toBe(names(home))
})
