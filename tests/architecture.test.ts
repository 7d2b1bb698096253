import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../src', import.meta.url))

/** Source files by path from `src`. */
type Sources = Record<string, string>

/** What each part of the house may look at, besides itself. A path covers everything under it. */
const LAYERS: Record<string, readonly string[]> = {
  base: [],
  'command-analysis': ['base'],
  clawpolicy: ['base', 'command-analysis'],
  config: ['base', 'command-analysis'],
  ports: ['base'],
  store: ['base', 'config'],
  journal: ['base', 'config', 'ports', 'store'],
  domain: ['base', 'command-analysis', 'clawpolicy', 'config', 'ports', 'store', 'journal'],
  adapters: ['base', 'ports'],
  commands: ['base', 'command-analysis', 'config', 'ports', 'store', 'journal', 'domain'],
  wire: ['base'],
  doors: ['base', 'command-analysis', 'config', 'wire', 'commands'],
  supervisor: [
    'base',
    'config',
    'ports',
    'store',
    'journal',
    'domain',
    'adapters',
    'commands',
    'wire',
    'doors',
  ],
}

const ROOMS = [
  'operators',
  'templates',
  'agents',
  'shells',
  'leases',
  'policy',
  'rules',
  'approvals',
]

/** The shapes of nouns and events, and what may be said at a guard door: free to all, as types. */
const SHAPES = /^(domain\/[^/]+\/(?:[^/]+\/)?(types|guard)|journal\/(types|catalogue))\.ts$/

interface Import {
  from: string
  to: string
  types: boolean
}

/** Every import line that breaks a rule of the house, as `from → to: why`. */
function violations(sources: Sources): string[] {
  return Object.entries(sources)
    .flatMap(([from, text]) => importsOf(from, text))
    .flatMap((line) => {
      const why = wrong(line)
      return why === undefined ? [] : [`${line.from} → ${line.to}: ${why}`]
    })
}

function importsOf(from: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const lines = [
    ...code.matchAll(
      /(?:^|\n|;)\s*(?:import|export)\s+(type\s+)?(?:[\w*{][^'";]*?\sfrom\s+)?'([^']+)'/g,
    ),
    ...code.matchAll(/\b(?:import)\s*(type\s+)?\(\s*'([^']+)'/g),
  ]
  return lines
    .filter((match) => match[2]?.startsWith('.'))
    .map((match) => ({
      from,
      to: relative(SRC, join(SRC, dirname(from), match[2] as string)),
      types: match[1] !== undefined || onlyTypes(match[0]),
    }))
}

/** `import { type A, type B } from` brings nothing at run time either. */
function onlyTypes(line: string): boolean {
  const names = /\{([^}]*)\}/
    .exec(line)?.[1]
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith('type '))
}

function wrong({ from, to, types }: Import): string | undefined {
  const [here, there] = [from.split('/')[0] as string, to.split('/')[0] as string]
  if (from === 'main.ts') return undefined
  if (to === 'main.ts') return 'nothing looks at the entry'
  if (types && SHAPES.test(to)) return undefined
  if (here === 'domain' && there === 'domain') return betweenRooms(from, to)
  if (here === 'doors') return fromDoor(to, there, types)
  if (here === there || (LAYERS[here] ?? []).includes(there)) return undefined
  return `${here} may not look at ${there}`
}

function betweenRooms(from: string, to: string): string | undefined {
  const [mine, theirs] = [
    ROOMS.indexOf(from.split('/')[1] ?? ''),
    ROOMS.indexOf(to.split('/')[1] ?? ''),
  ]
  if (from.split('/')[1] === to.split('/')[1]) return undefined
  if (theirs < 0) return 'a room that others look at has its place in the order'
  // A room without a place is the last: it may look at all, and nobody at it.
  return mine < 0 || theirs <= mine ? undefined : `${ROOMS[mine]} comes before ${ROOMS[theirs]}`
}

/** Doors see commands, the shapes of every noun and its pure rules: so the console starts without loading SQLite. */
function fromDoor(to: string, there: string, types: boolean): string | undefined {
  if (there === 'doors' || LAYERS['doors']?.includes(there) === true) return undefined
  if (there === 'domain' && /^domain\/[^/]+\/(?:rules|(?:[^/]+\/)?types)\.ts$/.test(to))
    return undefined
  if (types && there === 'ports') return undefined
  return 'doors see commands, and of a noun its types and pure rules'
}

function sourcesOf(folder: string): Sources {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.tsx?$/.test(name),
  )
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** How many key handlers there are: `useInput(` outside comments. */
function keyHandlers(sources: Sources): string[] {
  return Object.entries(sources)
    .filter(([, text]) => /\buseInput\s*\(/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')))
    .map(([name]) => name)
}

const sources = sourcesOf(SRC)

describe('the house', () => {
  test('every import goes the way data may go', () => {
    expect(Object.keys(sources).length).toBeGreaterThan(50)
    expect(violations(sources).join('\n')).toBe('')
  })

  test('at most one place hears keys', () => {
    expect(keyHandlers(sources).length).toBeLessThanOrEqual(1)
  })

  test('no default exports, no barrels, no enums or namespaces', () => {
    for (const [name, text] of Object.entries(sources)) {
      expect(text, name).not.toMatch(/^export default/m)
      expect(text, name).not.toMatch(/^export \* from/m)
      expect(text, name).not.toMatch(/^(export )?(const )?(enum|namespace) /m)
    }
  })

  test('zod comes as a namespace: a name taken from it brings all of it into every start', () => {
    for (const [name, text] of Object.entries(sources))
      expect(text, name).not.toMatch(/^import \{[^}]*\} from 'zod'/m)
  })
})

describe('the check itself finds a planted violation of each rule', () => {
  const planted: [string, Sources][] = [
    ['base looks at nothing', { 'base/ids.ts': "import { deckHome } from '../config/home.ts'" }],
    ['config looks at base only', { 'config/home.ts': "import { x } from '../ports/pods.ts'" }],
    ['ports look at no store', { 'ports/pods.ts': "import { open } from '../store/open.ts'" }],
    [
      'the store looks at no journal',
      { 'store/open.ts': "import { x } from '../journal/journal.ts'" },
    ],
    [
      'the journal looks at no noun',
      { 'journal/journal.ts': "import { x } from '../domain/agents/service.ts'" },
    ],
    [
      'a noun looks at no command',
      { 'domain/agents/service.ts': "import { faces } from '../../commands/registry.ts'" },
    ],
    [
      'a noun looks at no adapter',
      { 'domain/agents/service.ts': "import { x } from '../../adapters/podman/engine.ts'" },
    ],
    [
      'a room sees only rooms before it',
      { 'domain/agents/service.ts': "import { x } from '../approvals/service.ts'" },
    ],
    [
      'a room that others look at has to be given its place',
      { 'domain/approvals/service.ts': "import { x } from '../zoo/service.ts'" },
    ],
    [
      'an adapter sees ports and base only',
      { 'adapters/podman/engine.ts': "import { x } from '../../domain/agents/rules.ts'" },
    ],
    ['a command sees no door', { 'commands/agents.ts': "import { x } from '../doors/link.ts'" }],
    [
      'a door sees no service',
      { 'doors/cli/run.ts': "import { x } from '../../domain/agents/service.ts'" },
    ],
    ['a door sees no store', { 'doors/cli/run.ts': "import { x } from '../../store/open.ts'" }],
    [
      'a door sees no supervisor',
      { 'doors/cli/run.ts': "import { x } from '../../supervisor/start.ts'" },
    ],
    [
      'a door sees no adapter',
      { 'doors/console/app.tsx': "import { x } from '../../adapters/memory/backend.ts'" },
    ],
    [
      'a door sees no journal at run time',
      { 'doors/console/app.tsx': "import { x } from '../../journal/verify.ts'" },
    ],
    [
      'late imports count',
      { 'doors/cli/run.ts': "const { x } = await import('../../supervisor/start.ts')" },
    ],
    ['exports from elsewhere count', { 'base/ids.ts': "export { x } from '../store/open.ts'" }],
    [
      'imports over several lines count',
      { 'base/ids.ts': "import {\n  x,\n} from '../store/open.ts'" },
    ],
    ['bare imports count', { 'base/ids.ts': "import '../store/open.ts'" }],
    ['only the entry sees the entry', { 'supervisor/start.ts': "import { x } from '../main.ts'" }],
  ]

  test.each(planted)('%s', (_rule, planting) => {
    expect(violations(planting)).toHaveLength(1)
  })

  test('what is allowed passes', () => {
    expect(
      violations({
        'domain/approvals/service.ts':
          "import { x } from '../policy/evaluate.ts'\nimport { y } from '../../journal/journal.ts'",
        'domain/agents/service.ts': "import type { Approval } from '../approvals/types.ts'",
        'doors/cli/run.ts':
          "import { faces } from '../../commands/registry.ts'\nimport { agentCan } from '../../domain/agents/rules.ts'\nimport type { DeckEvent } from '../../journal/types.ts'",
        'supervisor/start.ts': "import { x } from '../adapters/podman/engine.ts'",
        'main.ts': "import { x } from './supervisor/main.ts'",
      }),
    ).toEqual([])
  })

  test('a second key handler is found, one in a comment is not', () => {
    expect(
      keyHandlers({
        'a.tsx': 'useInput((input) => go(input))',
        'b.tsx': 'useInput(go)',
        'c.tsx': '// useInput(go)',
      }),
    ).toEqual(['a.tsx', 'b.tsx'])
  })
})
