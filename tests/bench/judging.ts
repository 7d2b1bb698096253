import { canonical, sha256 } from '../../src/base/canonical.ts'
import { shipped } from '../../src/config/data.ts'
import {
  compilePolicies,
  type CompiledPolicies,
} from '../../src/domain/policy/matching/compiled.ts'
import { evaluate } from '../../src/domain/policy/evaluate.ts'
import { normalise } from '../../src/domain/policy/normalise.ts'
import { packStore } from '../../src/domain/policy/packs/store.ts'
import { assessRisk } from '../../src/domain/policy/risk/risk.ts'
import type { OperatorPolicy } from '../../src/domain/policy/types.ts'
import { readTemplate } from '../../src/domain/templates/catalog.ts'
import type { GuardBounds } from '../../src/domain/templates/types.ts'
import { hostileLines, hostileWords } from '../support/hostile-lines.ts'
import { amount, median, percentile, row, type Bench, type Row } from './harness.ts'

export const JUDGING = [
  'judging a command',
  'judging a command with every pack',
  'judging the costliest of many hostile commands',
] as const

const ROUNDS = 200
const ALLOWED = [
  'git status*',
  'git log*',
  'npm test*',
  'ls *',
  'cat *',
  'grep *',
  'cd *',
  'head *',
]
const USUAL = [
  'git status',
  'git log --oneline -5',
  'npm test',
  'ls -la src',
  'grep -rn "foo" src',
  'cat package.json',
  'cd repo && git status',
  'git commit -m "fix: x"',
  'git push origin main',
  'docker compose up -d',
  'python -m pytest -x tests',
  'find . -name "*.ts" -type f | head -20',
  'npm install left-pad',
  'kubectl get pods -n x',
  'sed -n 1,20p f',
  'curl -s https://x.example | jq .',
]

/** What it costs to judge one command, beside writing its question down as the journal does. */
export async function judged({ say }: Bench): Promise<Row[]> {
  say('judging commands')
  const { guard } = (
    await readTemplate([{ origin: 'built-in', path: shipped('templates') }], 'coder')
  ).template
  const own = ALLOWED.map((target, i) => policy(`own${i}`, target))
  const store = packStore([{ origin: 'built-in', path: shipped('templates', 'policies') }])
  const packs = await Promise.all([...(await store.names()).keys()].map((name) => store.read(name)))
  const few = compilePolicies(own)
  const many = compilePolicies([...own, ...packs.flatMap((pack) => pack.policies)])
  const [plain, all] = [usual(few, guard), usual(many, guard)]
  const worst = costliest(many, guard)
  return [
    row({
      what: JUDGING[0],
      value: median(plain.took),
      unit: 'ms',
      floor: { what: 'its canonical JSON, hashed', value: median(plain.floor) },
      target: { atMost: 20, of: 'ratio' },
      note: `p99 ${amount(percentile(plain.took, 0.99))} ms`,
    }),
    row({
      what: JUDGING[1],
      value: median(all.took),
      unit: 'ms',
      floor: { what: 'its canonical JSON, hashed', value: median(all.floor) },
      target: { atMost: 60, of: 'ratio' },
      note: `p99 ${amount(percentile(all.took, 0.99))} ms`,
    }),
    row({
      what: JUDGING[2],
      value: worst.took,
      unit: 'ms',
      floor: { what: 'hashing 64 KiB', value: worst.floor },
      target: { atMost: 60, of: 'ratio' },
      note: `${JSON.stringify(worst.text.slice(0, 24))}…`,
    }),
  ]
}

function policy(id: string, target: string): OperatorPolicy {
  return { id, effect: 'allow', type: 'exec', target }
}

function judge(target: string, argv: string[], policies: CompiledPolicies, bounds: GuardBounds) {
  const action = normalise({
    type: 'exec',
    target,
    argv,
    cwd: '/workspace',
    reversible: null,
    systems: [],
    goal: '',
    scope: '',
    risk: null,
    extra: {},
  })
  evaluate({
    action,
    risk: assessRisk(action),
    agent: { name: 'a1', template: 'coder' },
    bounds,
    policies,
    leases: [],
    learned: () => ({ says: 'nothing', reasons: [] }),
    now: 0,
  })
  return action
}

function timed(act: () => void): number {
  const began = performance.now()
  act()
  return performance.now() - began
}

function usual(policies: CompiledPolicies, bounds: GuardBounds) {
  const took: number[] = []
  const floor: number[] = []
  for (let round = 0; round < ROUNDS; round++)
    for (const line of USUAL) {
      const action = judge(line, [], policies, bounds)
      const [one, other] = [
        timed(() => judge(line, [], policies, bounds)),
        timed(() => sha256(canonical(action))),
      ]
      // The first rounds are for the compiler.
      if (round > 20) {
        took.push(one)
        floor.push(other)
      }
    }
  return { took, floor }
}

/** The best of some tries each: what it takes where nobody else is at work. */
function costliest(policies: CompiledPolicies, bounds: GuardBounds) {
  const hostile = [
    ...[1024, 4096, 65_536].flatMap(hostileLines).map((line) => ({ line, argv: [] as string[] })),
    ...hostileWords().map((argv) => ({ line: '', argv })),
  ]
  const text = 'x'.repeat(65_536)
  const worst = { took: 0, floor: best(() => sha256(text)), text: '' }
  for (const { line, argv } of hostile) {
    const took = best(() => {
      try {
        judge(line, argv, policies, bounds)
      } catch {
        // What is too long is refused, and that has its price too.
      }
    })
    if (took > worst.took) Object.assign(worst, { took, text: line || argv.join(' ') })
  }
  return worst
}

function best(act: () => void): number {
  return Math.min(...Array.from({ length: 15 }, () => timed(act)))
}
