import { expect, it } from 'vitest'
import { compilePolicies } from '../../../src/domain/policy/matching/compiled.ts'
import { evaluate } from '../../../src/domain/policy/evaluate.ts'
import { normalise } from '../../../src/domain/policy/normalise.ts'
import { assessRisk } from '../../../src/domain/policy/risk/risk.ts'
import { readTemplate } from '../../../src/domain/templates/catalog.ts'
import { BUILT_IN } from '../templates/sample.ts'
import { question } from './question.ts'

async function decide(template: string, target: string, type = 'exec') {
  const {
    template: { guard },
  } = await readTemplate(BUILT_IN, template)
  const action = normalise(question({ type, target, cwd: '/workspace' }))
  return evaluate({
    action,
    risk: assessRisk(action),
    agent: { name: 'a', template },
    bounds: guard,
    policies: compilePolicies([]),
    leases: [],
    learned: () => ({ says: 'nothing' as const, reasons: [] }),
    now: 1,
  }).decision
}

const LOOKING = [
  'git status',
  'git log',
  'git log --oneline -5',
  'git log -- src/a.ts',
  'git diff',
  'git diff --stat HEAD src',
  'git diff --cached',
]
const WRITING = [
  'git diff --output=/workspace/.git/hooks/pre-commit a b',
  'git diff --output x',
  'git diff HEAD --outp=x',
  'git log --output=x',
  'git diff --ext-diff',
  'git log -p --ext-diff',
  'git diff --no-index /etc/passwd /dev/null',
  'git diff --no-ind a b',
  'git diff /etc/passwd /dev/null',
  'git diff a /etc/passwd',
  'git diff ../../etc/passwd x',
  'git -c core.pager=x log',
  'git log; id',
]

it.each(['coder', 'devops', 'reviewer'])(
  '%s may look, and is asked about what does more than that',
  async (template) => {
    for (const target of LOOKING)
      expect([target, await decide(template, target)]).toEqual([target, 'allow'])
    for (const target of WRITING)
      expect([target, await decide(template, target)]).toEqual([target, 'require_approval'])
  },
)

it('a reviewer searches, and is asked before a search runs a program', async () => {
  for (const target of ['rg -n x src', 'rg --pretty x src'])
    expect(await decide('reviewer', target)).toBe('allow')
  for (const target of [
    'rg --pre=x y',
    'rg --pre x y',
    'rg y --hostname-bin x',
    'git show --output=x',
  ])
    expect(await decide('reviewer', target)).toBe('require_approval')
})

it.each(['coder', 'devops'])(
  '%s rewrites no shared history, however that is said',
  async (template) => {
    for (const target of [
      'git push --force',
      'git push -f',
      'git push -uf origin main',
      'git push origin main -f',
      'git push origin main --force-with-lease',
      'git push origin +main',
      'git push +main',
      'git push --mirror',
      'git push x --mirror',
      'git push --mir',
      'git push x --m',
      'git send-pack x --force',
      'sh -c "git push -qf"',
    ]) {
      expect([target, await decide(template, target)]).toEqual([target, 'block'])
    }
    expect(await decide(template, 'git push origin main')).toBe('require_approval')
  },
)

it.each(['coder', 'devops', 'security'])(
  '%s reaches no metadata service, however that is spelled',
  async (template) => {
    for (const target of ['http://2852039166/', 'GET http://[::ffff:a9fe:a9fe]/latest'])
      expect(await decide(template, target, 'net')).toBe('block')
  },
)
