import { describe, expect, test } from 'vitest'
import {
  crowdedFolders,
  importCycles,
  keyHandlers,
  longLines,
  namesakes,
  outsideImports,
  repeats,
  sourcesOf,
  SRC,
  violations,
  type Sources,
} from './support/house.ts'

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

  test('no files import each other in a circle, by value or by type', () => {
    expect(importCycles(sources)).toEqual([])
  })

  test('one name is one thing: no two files export the same', () => {
    expect(namesakes(sources)).toEqual([])
  })

  test('no folder holds more than one can look over', () => {
    expect(crowdedFolders(sources)).toEqual([])
  })

  test('no line is longer than a screen is wide', () => {
    expect(longLines(sources)).toEqual([])
  })

  test('nothing is written twice', () => {
    expect(repeats(sources)).toEqual([])
  })

  test('the client library brings nothing along: no package, nothing of Node', () => {
    expect(outsideImports(sources, 'client')).toEqual([])
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
    [
      'the client looks at nothing else',
      { 'client/core/x.ts': "import { x } from '../../base/ids.ts'" },
    ],
    [
      'the client looks at no shapes of nouns either',
      { 'client/core/x.ts': "import type { X } from '../../domain/agents/types.ts'" },
    ],
    [
      'nothing of the deck looks at the client',
      { 'doors/cli/run.ts': "import { x } from '../../client/client.ts'" },
    ],
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

  test('a package in the client library is found, and a type of one too', () => {
    expect(
      outsideImports(
        {
          'client/a.ts': "import { x } from 'openai'\nimport type { y } from 'node:http'",
          'client/b.ts': "import { x } from './a.ts'\nconst z = await import('zod')",
          'base/c.ts': "import { x } from 'node:fs'",
        },
        'client',
      ),
    ).toEqual(['client/a.ts → openai', 'client/a.ts → node:http', 'client/b.ts → zod'])
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

  test('a circle of imports is found, of types too', () => {
    const circle = {
      'a.ts': "import { b } from './b.ts'",
      'b.ts': "import type { C } from './c.ts'",
      'c.ts': "const a = () => import('./a.ts')",
      'd.ts': "import { a } from './a.ts'",
    }
    expect(importCycles(circle)).toEqual(['a.ts → b.ts → c.ts → a.ts'])
    expect(importCycles({ ...circle, 'c.ts': '' })).toEqual([])
  })

  test('two things of one name are found', () => {
    expect(
      namesakes({
        'a.ts': 'export interface Piece {}\nexport const one = 1',
        'b.ts': 'export type Piece = string\nconst one = 2',
        'c.ts': "export { Piece } from './a.ts'",
      }),
    ).toEqual(['Piece: a.ts, b.ts'])
  })

  test('a crowded folder is found', () => {
    const files = Array.from({ length: 26 }, (_, i) => [`zoo/file-${i}.ts`, ''])
    expect(crowdedFolders(Object.fromEntries(files) as Sources)).toEqual(['zoo: 26 files'])
    expect(crowdedFolders(Object.fromEntries(files.slice(1)) as Sources)).toEqual([])
  })

  test('a long line is found, unless a string makes it long', () => {
    const long = 'x'.repeat(101)
    expect(
      longLines({
        'a.ts': `// ${long}\nconst a = '${long}'\nconst ${long} = 1\n * ${long}\nshort`,
      }),
    ).toEqual(['a.ts:1', 'a.ts:3', 'a.ts:4'])
  })

  test('six lines that stand twice are found, and five are not', () => {
    const lines = ['one()', 'two()', 'three()', 'four()', 'five()', 'six()']
    expect(repeats({ 'a.ts': lines.join('\n'), 'b.ts': `first()\n${lines.join('\n\n')}` })).toEqual(
      ['b.ts:2 as a.ts:1'],
    )
    expect(repeats({ 'a.ts': lines.join('\n'), 'b.ts': lines.slice(1).join('\n') })).toEqual([])
  })
})
