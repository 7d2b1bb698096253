import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { compilePolicies } from '../../src/domain/policy/matching/compiled.ts'
import { evaluate } from '../../src/domain/policy/evaluate.ts'
import { normalise } from '../../src/domain/policy/normalise.ts'
import { readyForPatterns } from '../../src/domain/policy/matching/pattern.ts'
import { assessRisk } from '../../src/domain/policy/risk/risk.ts'
import type { Verdict } from '../../src/domain/policy/types.ts'
import { readTemplate } from '../../src/domain/templates/catalog.ts'
import type { GuardBounds } from '../../src/domain/templates/types.ts'
import { question } from '../domain/policy/question.ts'
import { BUILT_IN } from '../domain/templates/sample.ts'

/** Lines that coding agents really run, under `# harmless` and `# harmful`; `⏎` stands for the end of a line. */
const [harmless = [], harmful = []] = readFileSync(new URL('innocent.txt', import.meta.url), 'utf8')
  .split(/^# harm\w+$/m)
  .slice(1)
  .map((part) =>
    part.split('\n').flatMap((line) => (line === '' ? [] : [line.replaceAll('⏎', '\n')])),
  )

/** What somebody writes who works with a coder: programs that read, and the tools of each language by their verbs. */
const ALLOWED = [
  ...'ls cat head tail wc find grep rg fd sed awk sort uniq cut tr diff jq echo printf cd pwd true date which mkdir touch test ['.split(
    ' ',
  ),
  ...'git add|git commit|git branch|git checkout|git switch|git stash|git rev-parse|git ls-files|git grep|git blame|git remote'.split(
    '|',
  ),
  ...'npm test|npm run|npm ls|npx tsc|npx vitest|npx eslint|npx prettier|npx jest|pnpm test|pnpm run|yarn test|yarn build|node'.split(
    '|',
  ),
  ...'python|python -m pytest|python3|python3 -m pytest|pytest|mypy|ruff|black|uv run pytest'.split(
    '|',
  ),
  ...'cargo build|cargo check|cargo test|cargo clippy|cargo fmt|cargo run|go build|go test|go vet|go list|gofmt|make'.split(
    '|',
  ),
  ...'docker ps|docker logs|gh pr view|gh pr diff'.split('|'),
].flatMap((command) => [command, `${command} *`])
const POLICIES = compilePolicies(
  ALLOWED.map((target, i) => ({ id: `p${i}`, effect: 'allow', type: 'exec', target })),
)

let bounds: GuardBounds
beforeAll(async () => {
  await readyForPatterns()
  bounds = (await readTemplate(BUILT_IN, 'coder')).template.guard
})

function judged(line: string): Verdict {
  const action = normalise(question({ target: line, cwd: '/workspace' }))
  return evaluate({
    action,
    risk: assessRisk(action),
    agent: { name: 'scout', template: 'coder' },
    bounds,
    policies: POLICIES,
    leases: [],
    learned: () => ({ says: 'nothing', reasons: [] }),
    now: 1,
  })
}

describe('work of a coder, with its lock and what somebody allows it', () => {
  it('is of every kind', () => {
    expect(harmless.length).toBeGreaterThan(500)
    expect(harmful.length).toBeGreaterThan(80)
  })
  it('is mostly not asked about where it is harmless, and never blocked', () => {
    const decisions = harmless.map((line) => judged(line).decision)
    expect(harmless.filter((_, i) => decisions[i] === 'block')).toEqual([])
    const asked = decisions.filter((decision) => decision !== 'allow').length
    expect(asked / harmless.length).toBeLessThan(0.36)
  })
  it('is asked about, or blocked, where it is harmful', () =>
    expect(harmful.filter((line) => /allow|warn/.test(judged(line).decision))).toEqual([]))
})
