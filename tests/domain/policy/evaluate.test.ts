import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { glob } from '../../../src/base/glob.ts'
import { compilePolicies } from '../../../src/domain/policy/matching/compiled.ts'
import { evaluate } from '../../../src/domain/policy/evaluate.ts'
import { normalise } from '../../../src/domain/policy/normalise.ts'
import { assessRisk } from '../../../src/domain/policy/risk/risk.ts'
import type {
  Decision,
  OperatorPolicy,
  Verdict,
  Learned,
  Question,
} from '../../../src/domain/policy/types.ts'
import { Trigrams, wildcardOf } from '../../../src/domain/policy/matching/wildcard.ts'
import type { GuardBounds } from '../../../src/domain/templates/types.ts'
import { question } from './question.ts'
import type { Lease } from '../../../src/domain/leases/types.ts'

const OPEN: GuardBounds = {
  types: ['exec', 'net', 'file'],
  block: [],
  ask: [],
  allow: [],
  maxAutoRisk: 100,
}
const NOW = 1_800_000_000_000

function judge(
  over: Partial<Question>,
  given: {
    bounds?: Partial<GuardBounds>
    policies?: OperatorPolicy[]
    leases?: Lease[]
    learned?: Learned
    agent?: string
  } = {},
): Verdict {
  const action = normalise(question(over))
  return evaluate({
    action,
    risk: assessRisk(action),
    agent: { name: given.agent ?? 'scout', template: 'coder' },
    bounds: { ...OPEN, ...given.bounds },
    policies: compilePolicies(given.policies ?? []),
    leases: given.leases ?? [],
    learned: () => given.learned ?? { says: 'nothing', reasons: [] },
    now: NOW,
  })
}
function lease(over: Partial<Lease> = {}): Lease {
  return {
    id: 'lea_1',
    agent: 'scout',
    type: 'exec',
    target: 'git *',
    maxRisk: 100,
    uses: 3,
    usesLeft: 2,
    grantedAt: NOW - 1000,
    expiresAt: NOW + 1000,
    grantedBy: 'operator:cli',
    state: 'active',
    ...over,
  }
}
const policy = (
  effect: OperatorPolicy['effect'],
  over: Partial<OperatorPolicy> = {},
): OperatorPolicy => ({ id: `pol_${effect}`, effect, ...over })

describe('the order of a decision', () => {
  const push = { target: 'git push origin main' }
  const everything = { types: ['*'] }
  it.each<[string, Parameters<typeof judge>[1], Decision, string]>([
    ['nothing said: a person', {}, 'require_approval', 'default'],
    [
      'a type that the lock has not',
      {
        bounds: { types: ['net'], allow: [{ type: 'exec', target: '*' }] },
        policies: [policy('allow')],
        leases: [lease()],
      },
      'block',
      'lock',
    ],
    [
      'any type',
      { bounds: { ...everything, allow: [{ type: '*', target: 'git *' }] } },
      'allow',
      'lock',
    ],
    [
      'the lock blocks',
      {
        bounds: { block: [{ type: 'exec', target: 'git push*' }] },
        policies: [policy('allow')],
        leases: [lease()],
      },
      'block',
      'lock',
    ],
    [
      'the lock asks',
      {
        bounds: { ask: [{ type: 'exec', target: 'git push*' }] },
        policies: [policy('allow')],
        leases: [lease()],
      },
      'require_approval',
      'lock',
    ],
    [
      'a policy blocks what the lock asks',
      { bounds: { ask: [{ type: 'exec', target: '*' }] }, policies: [policy('block')] },
      'block',
      'policy',
    ],
    [
      'too risky for the lock',
      {
        bounds: { maxAutoRisk: 30, allow: [{ type: 'exec', target: '*' }] },
        policies: [policy('allow')],
        leases: [lease()],
      },
      'require_approval',
      'lock',
    ],
    [
      'a limit that is no number',
      { bounds: { maxAutoRisk: Number.NaN }, policies: [policy('allow')] },
      'require_approval',
      'lock',
    ],
    [
      'the lock allows',
      { bounds: { allow: [{ type: 'exec', target: 'git *' }] } },
      'allow',
      'lock',
    ],
    [
      'a policy asks what the lock allows',
      { bounds: { allow: [{ type: 'exec', target: 'git *' }] }, policies: [policy('ask')] },
      'require_approval',
      'policy',
    ],
    [
      'a policy warns about what the lock allows',
      { bounds: { allow: [{ type: 'exec', target: 'git *' }] }, policies: [policy('warn')] },
      'warn',
      'policy',
    ],
    ['a policy allows', { policies: [policy('allow')] }, 'allow', 'policy'],
    [
      'the strictest policy wins',
      { policies: [policy('allow'), policy('warn'), policy('ask'), policy('block')] },
      'block',
      'policy',
    ],
    ['a lease allows', { leases: [lease()] }, 'allow', 'lease'],
    [
      'a lease stands for the person that a policy wants',
      { leases: [lease()], policies: [policy('ask')] },
      'allow',
      'lease',
    ],
    [
      'a lease is nothing against a block',
      { leases: [lease()], policies: [policy('block')] },
      'block',
      'policy',
    ],
  ])('%s', (_, given, decision, layer) => {
    const verdict = judge(push, given)
    expect(verdict.decision).toBe(decision)
    expect(verdict.reasons[0]?.layer).toBe(layer)
    expect(verdict.reasons.every((r) => r.text.length > 10)).toBe(true)
  })

  it('charges a lease only where it is the lease that allows, and takes the one that ends first', () => {
    expect(judge(push, { leases: [lease()], policies: [policy('allow')] }).lease).toBeUndefined()
    const two = [
      lease({ id: 'lea_b', expiresAt: NOW + 9 }),
      lease({ id: 'lea_a', expiresAt: NOW + 5 }),
    ]
    expect(judge(push, { leases: two }).lease).toBe('lea_a')
    expect(judge(push, { leases: two.toReversed() }).lease).toBe('lea_a')
  })

  it('says which row, and what it is about', () => {
    expect(
      judge(push, {
        policies: [
          policy('block', {
            type: 'exec',
            target: 'git push*',
            agent: 's*',
            riskAtLeast: 30,
            reason: 'not from here',
          }),
        ],
      }).reasons,
    ).toEqual([
      {
        layer: 'policy',
        id: 'pol_block',
        text: 'policy pol_block blocks exec git push* of s*, risk 30 and more: not from here',
      },
    ])
    expect(judge(push, { leases: [lease({ usesLeft: 1 })] }).reasons[0]?.text).toMatch(
      /lea_1 of operator:cli covers exec git \*; this was its last use/,
    )
  })
})

describe('what a lease covers', () => {
  it.each<[string, Partial<Lease>]>([
    ['spent', { usesLeft: 0 }],
    ['revoked', { state: 'revoked' }],
    ['over', { expiresAt: NOW }],
    ["another agent's", { agent: 'other' }],
    ['of another type', { type: 'net' }],
    ['of another target', { target: 'git pull' }],
    ['for less risk', { maxRisk: 34 }],
    ['of a clock that was set back', { grantedAt: NOW + 3_600_000, expiresAt: NOW + 7_200_000 }],
  ])('one that is %s covers nothing', (_, over) => {
    expect(judge({ target: 'git push' }, { leases: [lease(over)] }).decision).toBe(
      'require_approval',
    )
  })
  it('one for every agent covers every agent', () => {
    expect(
      judge({ target: 'git push' }, { leases: [lease({ agent: '*' })], agent: 'x' }).decision,
    ).toBe('allow')
  })
})

describe('a yes is narrow, a no is wide', () => {
  it.each([
    'git push; curl evil',
    'git push && id',
    'git push | sh',
    'git push $(id)',
    'git push `id`',
    'git push > /etc/x',
    'git push\nid',
    'git push & id',
    'git push (x)',
  ])('a yes to `git push *` is no yes to %j', (target) => {
    expect(
      judge({ target }, { policies: [policy('allow', { target: 'git push*' })] }).decision,
    ).toBe('require_approval')
    expect(
      judge({ target }, { bounds: { allow: [{ type: 'exec', target: 'git push*' }] } }).decision,
    ).toBe('require_approval')
    expect(judge({ target }, { leases: [lease({ target: 'git push*' })] }).decision).toBe(
      'require_approval',
    )
  })
  it.each([
    'git push x',
    'git  push',
    '/usr/bin/git push',
    'sudo git push',
    'env A=b git push',
    'cd x && git push',
    'git -C /tmp push',
    'git -c a=b --no-pager push',
    'sh -c "git push"',
    'true; git push',
    'A=1 git push',
    'echo $(git push origin)',
    'sudo -u root -g wheel -n git push',
    'time env nice sudo git push',
    'xargs git push',
  ])('a no to `git push*` is a no to %j', (target) => {
    expect(
      judge({ target }, { policies: [policy('block', { type: 'exec', target: 'git push*' })] })
        .decision,
    ).toBe('block')
    expect(
      judge({ target }, { bounds: { block: [{ type: 'exec', target: 'git push*' }] } }).decision,
    ).toBe('block')
  })
  it.each([
    [
      'sudo *',
      [
        'sh -c -- "sudo id"',
        'sh -Cc "sudo id"',
        'bash -c -x "sudo id"',
        'bash -Bc "sudo id"',
        'sh -ec "sudo id"',
        'bash +x -c "sudo id"',
        'mksh -c "sudo id"',
        'bash --norc -O extglob -c "sudo id"',
        'sh -c "if sudo id; then :; fi"',
        'sh -c "while sudo id; do :; done"',
        'sh -c "until ! sudo id; do :; done"',
        'sh -c "f() { sudo id; }; f"',
        'sh -c "for x in 1; do sudo id; done"',
        'sh -c "case x in x) sudo id;; esac"',
        'eval sudo id',
        'sh -c "eval sudo id"',
        'eval "sudo id"',
        'trap "sudo id" EXIT',
        'find . -name x -exec sudo id +',
        'script -c "sudo id"',
        'script -c"sudo id"',
        'flock x sudo id',
        'watch sudo id',
        'strace -f -o log sudo id',
        'ionice -c 3 sudo id',
        'chrt -f 1 sudo id',
        'taskset 1 sudo id',
        'chroot / sudo id',
        'unshare -r sudo id',
        'nsenter -t 1 -m sudo id',
        'su -c "sudo id"',
        'parallel sudo id ::: 1',
        'xargs -a f -I X sudo id',
        'xargs "sudo id"',
        'env -S "sudo id"',
        'env -S"sudo id"',
        'env --split-string="sudo id"',
        'timeout -k 5 -s KILL 10 sudo id',
        'git -c "alias.x=!sudo id" x',
        'git -c core.pager="sudo id" log',
        'git submodule foreach sudo id',
        'git bisect run sudo id',
        'git rebase -x "sudo id" HEAD~1',
        'git fetch --upload-pack="sudo id" x',
        'git grep -O"sudo id" x',
        "git config alias.x '!sudo id'",
        'GIT_SSH_COMMAND="sudo id" git fetch',
        'npm exec -- sudo id',
        'npm exec -c "sudo id"',
        'docker run -v /:/x img sudo id',
        'kubectl exec p -- sudo id',
        'tar cf x y --to-command="sudo id"',
        'sort --compress-program="sudo id" x',
        'echo "sudo id" | sh',
        'echo "sudo id"; sh -c \'echo "sudo id" | sh\'',
        'printf "sudo id" | tee x | bash -s',
        'bash <<< "sudo id"',
        'sh <<E\nsudo id\nE',
        'sudo >x id',
        '>cat sudo id',
        '2>&1 sudo id',
        'sudo &>x id',
        'echo "$(true) $(sudo id)"',
        'echo "`true` `sudo id`"',
        'cat <(sudo id)',
        'grep x f && sudo id',
        'time -p sudo id',
        'command -- sudo id',
        'exec -a x sudo id',
      ],
    ],
    [
      'git push --force*',
      [
        'git --config-env http.x=HOME push --force origin',
        'git --attr-source HEAD push --force',
        'git -C a -c b=c --no-pager push --force',
        'nice git -C a push --force',
        'git -c alias.x="push --force" x',
        'sh -c "git push --force"',
        'git send-pack --force x',
      ],
    ],
    ['*git push --force*', ['git --attr-source HEAD push --force']],
    ['git push -f*', ['git push -uf origin', 'git push -fu', 'env git push -vuf x']],
    ['rm -r *', ['rm -fr x', 'rm -rf x', 'find x -exec rm -vrf {} +']],
    [
      'npm install *',
      [
        'npm i x',
        'npm isntall x',
        'npm in x',
        'npm add x',
        'npm inst x',
        'npm --prefix d i x',
        'npm -g i x',
      ],
    ],
    ['npm exec *', ['npm x y', 'npm exe y']],
    ['npm publish*', ['npm pub', 'npm publ --tag x']],
    ['npm update*', ['npm up', 'npm udpate x', 'npm upgrade']],
    ['npm ci*', ['npm clean-install', 'npm cleanInstall', 'npm ic']],
  ])('a no to `%s` sees every reading', (target, commands) => {
    const held = (command: string) =>
      judge(
        { target: command },
        { policies: [policy('allow'), policy('block', { type: 'exec', target })] },
      ).decision === 'block' &&
      judge({ target: command }, { bounds: { block: [{ type: 'exec', target }] } }).decision ===
        'block'
    expect(commands.filter((command) => !held(command))).toEqual([])
  })
  it('a yes to git lets nobody say what git runs, unless it says so itself', () => {
    const yes = (target: string, pattern: string) =>
      judge({ target }, { policies: [policy('allow', { type: 'exec', target: pattern })] }).decision
    for (const target of [
      'git -c alias.x="!sh -c id" x',
      'git --no-pager -c core.pager=x log',
      'git --config-env=a.b=C x',
      'git --exec-path=/x y',
      '/usr/bin/git -c a=b x',
    ]) {
      expect([target, yes(target, '*')]).toEqual([target, 'require_approval'])
    }
    expect(yes('git -c color.ui=never log', 'git -c color.ui=never *')).toBe('allow')
    expect(yes('git commit --cleanup x', 'git *')).toBe('allow')
  })
  it('is no no to what is only said', () => {
    const policies = ['sudo *', 'git push*', 'rm *', 'kill *'].map((target, i) =>
      policy('block', { id: `p${i}`, target }),
    )
    const harmless = [
      'grep sudo file',
      'grep -rn "sudo id" src',
      'rg sudo src',
      'echo git push --force',
      'git commit -m sudo',
      'git commit -m "sudo rm is gone"',
      'git -C x commit -m "git push later"',
      'git --no-pager -c user.name=x commit -am "rm it"',
      'git log --grep "sudo x"',
      'git grep sudo src',
      'git add sudo x',
      'git checkout push',
      'cat sudo file',
      'ls rm kill',
      'docker rm web',
      'aws s3 rm s3://a/b',
      'kubectl get pods sudo x',
      'npm install sudo left-pad',
      'docker kill x',
      'find . -name sudo -type f',
      'sed -i "s/sudo //" x',
      'awk "/sudo /" x',
      'xargs grep sudo x',
      'time grep sudo x',
      'env A=b grep sudo x',
      'sh -c "grep sudo x | wc -l"',
      'jq ".sudo | x" f',
      'gh pr create --title "sudo is gone"',
      'make sudo',
      'pip install sudo x',
      'if grep -q sudo f; then echo sudo x; fi',
      'grep "sudo x" f > out',
    ]
    expect(
      harmless.filter((target) => judge({ target }, { policies }).decision === 'block'),
    ).toEqual([])
  })
  it('sees a command behind any words, and any options, of a program that it does not know', () => {
    const word = fc.stringMatching(/^[a-z0-9./=:@+-]{1,8}$/)
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), fc.boolean(), (before, wrapped) => {
        const argv = ['unknown', ...before, ...(wrapped ? ['sudo -u x id'] : ['sudo', 'id'])]
        const bounds = { block: [{ type: 'exec', target: 'sudo *' }] }
        expect(
          judge({ argv }, { bounds, policies: [policy('allow', { target: 'unknown*' })] }),
        ).toMatchObject({ decision: 'require_approval', reasons: [{ layer: 'lock', id: 'block' }] })
      }),
    )
  })
  it("sees git's verb behind any options, each with a value or none", () => {
    const option = fc
      .tuple(
        fc.stringMatching(/^--?[a-z][a-z-]{0,6}$/),
        fc.option(fc.stringMatching(/^[a-z0-9/.]{1,5}$/), { nil: undefined }),
      )
      .map((o) => o.filter((w) => w !== undefined))
    fc.assert(
      fc.property(fc.array(option, { maxLength: 6 }), (options) => {
        expect(
          judge(
            { argv: ['git', ...options.flat(), 'push', '--force'] },
            {
              bounds: { block: [{ type: 'exec', target: 'git push --force*' }] },
              policies: [policy('allow', { options: 'any' })],
            },
          ).decision,
        ).not.toBe('allow')
      }),
    )
  })
  it('what is quoted is no command', () => {
    expect(
      judge(
        { argv: ['git', 'commit', '-m', 'fix; git push later'] },
        { policies: [policy('block', { target: 'git push*' })] },
      ).decision,
    ).toBe('require_approval')
  })
  it.each([
    ['file', 'read docs/*', 'read docs/../../etc/shadow'],
    ['exec', 'cat docs/*', 'cat docs/../x'],
    ['net', 'https://a.test/pub/*', 'https://a.test/pub/%2e%2e/priv'],
    ['net', 'https://a.test*', 'https://a.test@evil.test/'],
  ])('a yes to %s %s does not reach %s', (type, pattern, target) => {
    expect(
      judge({ type, target }, { policies: [policy('allow', { type, target: pattern })] }).decision,
    ).toBe('require_approval')
  })
  it.each<readonly [string, string, boolean]>([
    ['GET https://*.github.com/*', 'GET https://api.github.com/x', true],
    ['GET https://*.github.com/*', 'GET https://a.b.github.com/x', true],
    ['*.github.com/*', 'GET https://api.github.com/x', true],
    ['https://*', 'https://a.test/x?y', true],
    ['https://*/ok', 'https://a.test/ok', true],
    ['*', 'GET https://a.test/x', true],
    ['https://a.test*', 'https://a.test/x', true],
    ['https://a.test*', 'https://a.test:8443/x', true],
    ['https://a.test*', 'https://a.test.evil.test/', false],
    ['https://a.test*', 'https://a.testing/', false],
    ['https://10.0.*', 'https://10.0.1.2/x', true],
    ['https://a.test/*', 'https://a.test/x?y=https://b/', true],
    ['https://a.test\\?x=*', 'https://a.test?x=1', true],
    ['https://*/ok', 'https://a.test/x/ok', false],
    ['* https://a.test/*', 'POST https://a.test/x', true],
    ['*://a.test/*', 'https://a.test/x', true],
    ...[
      'evil.com/x.github.com/',
      'evil.com?x.github.com/',
      'evil.com#.github.com/',
      'evil.com\\.github.com/',
      'evil.com:443/a.github.com/b',
      'evil.com%2f.github.com/',
      'evil.com .github.com/',
      'x@evil.com/.github.com/',
    ].map((rest) => ['GET https://*.github.com/*', `GET https://${rest}`, false] as const),
    ...['evil.com/x.github.com/', 'evil.com/?https://api.github.com/'].map(
      (rest) => ['*.github.com/*', `GET https://${rest}`, false] as const,
    ),
  ])('a yes to net %s: %s %s', (pattern, target, yes) => {
    expect(
      judge(
        { type: 'net', target },
        { policies: [policy('allow', { type: 'net', target: pattern })] },
      ).decision,
    ).toBe(yes ? 'allow' : 'require_approval')
  })
  it.each([
    'http://2852039166/latest',
    'http://0xa9fea9fe/',
    'http://0251.0376.0251.0376/',
    'http://169.254.43518/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[0:0:0:0:0:ffff:a9fe:a9fe]:80/x',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://①69.254.169.254/',
    'http://169。254。169。254/',
    'http://169.254.169.254./',
    'http://%3169.254.169.254/',
    'GET http://a:b@2852039166/',
    '2852039166/latest',
    'PUT 0xa9fea9fe:80',
    'http:\\\\0xa9fea9fe/',
  ])('a no to an address reaches %s', (target) => {
    for (const pattern of ['*169.254.169.254*', '169.254.169.254*'])
      expect(
        judge({ type: 'net', target }, { bounds: { block: [{ type: 'net', target: pattern }] } })
          .decision,
      ).toBe('block')
    expect(
      assessRisk(normalise(question({ type: 'net', target }))).factors.map((f) => f.label),
    ).toContain('asks for machine credentials (metadata service)')
  })
  it.each([
    ['file', '/policy/*', 'write /policy/x', ''],
    ['file', '/policy/*', 'write ../policy/x', '/workspace'],
    ['file', '/policy/*', '/a/../policy/x', ''],
    ['net', 'evil.test/*', 'POST HTTPS://EVIL.test/x', ''],
    ['net', 'evil.test/*', 'https://good.test@evil.test/x', ''],
    ['net', '*secret*', 'https://a.test/%73ecret', ''],
  ])('a no to %s %s reaches %s', (type, pattern, target, cwd) => {
    expect(
      judge({ type, target, cwd }, { bounds: { block: [{ type, target: pattern }] } }).decision,
    ).toBe('block')
  })
})

const STRICTNESS: Record<Decision, number> = { allow: 0, warn: 1, require_approval: 2, block: 3 }
const type = fc.constantFrom<string[]>('exec', 'net', 'file', '*')
const target = fc.constantFrom<string[]>(
  '*',
  'git *',
  'git push*',
  'git push origin main',
  '*main',
  'https://*',
  'x?',
  'ls*;*',
)
const anyPolicy = fc.record(
  {
    id: fc.uuid(),
    effect: fc.constantFrom('allow', 'warn', 'ask', 'block'),
    type,
    target,
    agent: fc.constantFrom('*', 'scout', 'other'),
    riskAtLeast: fc.integer({ min: 0, max: 60 }),
  },
  { requiredKeys: ['id', 'effect'] },
) as fc.Arbitrary<OperatorPolicy>
const anyBound = fc.array(fc.record({ type, target }), { maxLength: 3 })
const anyBounds = fc.record({
  types: fc.constantFrom<string[][]>(['*'], ['exec'], ['exec', 'net'], []),
  block: anyBound,
  ask: anyBound,
  allow: anyBound,
  maxAutoRisk: fc.integer({ min: 0, max: 100 }),
})
const anyLease = fc
  .record({
    target,
    type,
    maxRisk: fc.integer({ min: 0, max: 100 }),
    usesLeft: fc.integer({ min: 0, max: 3 }),
  })
  .map(lease)
const anyQuestion = fc.record({
  type: fc.constantFrom('exec', 'net', 'file', 'odd'),
  target: fc.constantFrom(
    'git push origin main',
    'git status',
    'ls; git push',
    'https://a.test/',
    'xy',
  ),
  reversible: fc.constantFrom(null, false),
})
const policies = fc.array(anyPolicy, { maxLength: 6 })
const leases = fc.array(anyLease, { maxLength: 3 })

describe('for any policies, leases and bounds', () => {
  it('the same question has the same answer', () => {
    fc.assert(
      fc.property(anyQuestion, anyBounds, policies, leases, (q, bounds, p, l) => {
        expect(judge(q, { bounds, policies: p, leases: l })).toEqual(
          judge(q, { bounds, policies: p, leases: l }),
        )
      }),
    )
  })
  it('one more block never makes an answer weaker', () => {
    fc.assert(
      fc.property(anyQuestion, anyBounds, policies, leases, anyPolicy, (q, bounds, p, l, extra) => {
        const before = STRICTNESS[judge(q, { bounds, policies: p, leases: l }).decision]
        expect(
          STRICTNESS[
            judge(q, { bounds, policies: [...p, { ...extra, effect: 'block' }], leases: l })
              .decision
          ],
        ).toBeGreaterThanOrEqual(before)
        expect(
          STRICTNESS[
            judge(q, {
              bounds: {
                ...bounds,
                block: [...bounds.block, { type: extra.type ?? '*', target: extra.target ?? '*' }],
              },
              policies: p,
              leases: l,
            }).decision
          ],
        ).toBeGreaterThanOrEqual(before)
      }),
    )
  })
  it('no policy and no lease weakens what the lock blocks or asks', () => {
    fc.assert(
      fc.property(anyQuestion, anyBounds, policies, leases, (q, bounds, p, l) => {
        const alone = judge(q, { bounds: { ...bounds, allow: [] } })
        if (alone.reasons[0]?.layer !== 'lock') return
        expect(
          STRICTNESS[judge(q, { bounds, policies: p, leases: l }).decision],
        ).toBeGreaterThanOrEqual(STRICTNESS[alone.decision])
      }),
    )
  })
  it('a type that the lock has not is blocked', () => {
    fc.assert(
      fc.property(anyBounds, policies, leases, (bounds, p, l) => {
        expect(
          judge(
            { type: 'odd', target: 'x' },
            { bounds: { ...bounds, types: ['exec'] }, policies: p, leases: l },
          ).decision,
        ).toBe('block')
      }),
    )
  })
  it('the index finds what looking at each alone would find', () => {
    fc.assert(
      fc.property(anyQuestion, policies, (q, p) => {
        const one = p
          .filter(
            (x) => judge(q, { bounds: { types: ['*'] }, policies: [x] }).policies.length === 1,
          )
          .map((x) => x.id)
        expect(judge(q, { bounds: { types: ['*'] }, policies: p }).policies).toEqual(one)
      }),
    )
  })
})

describe('what many policies and long commands cost', () => {
  const many = Array.from({ length: 10_000 }, (_, i) =>
    policy('block', { id: `p${i}`, type: 'exec', target: `*x${i}*:*y*` }),
  )
  it('ten thousand policies with stars find what one finds', () => {
    const target = `echo ${'x:x1:'.repeat(600)}`
    const one = many
      .filter((_, i) => i % 100 === 0)
      .filter(
        (p) => judge({ argv: ['foo', target, 'x9800:y'] }, { policies: [p] }).decision === 'block',
      )
    expect(one.map((p) => p.id)).toEqual(
      judge({ argv: ['foo', target, 'x9800:y'] }, { policies: many }).policies.filter(
        (id) => Number(id.slice(1)) % 100 === 0,
      ),
    )
    expect(one.map((p) => p.id)).toContain('p9800')
  })
  it('a wide pattern matches as a glob does', () => {
    const text = fc.stringMatching(/^[ab |]{0,12}$/)
    fc.assert(
      fc.property(
        fc.stringMatching(/^[ab*?\\ |]{0,8}$/),
        text,
        fc.nat(6),
        (pattern, before, from) => {
          const at = Math.min(from, before.length)
          expect(wildcardOf(pattern).test(before, at)).toBe(glob(pattern, before.slice(at)))
          if (glob(pattern, before))
            expect(new Trigrams([before]).mayContain(wildcardOf(pattern).trigrams)).toBe(true)
        },
      ),
      { numRuns: 2000 },
    )
  })
  it.each<[string, string[]]>([
    ['files', ['prettier', '--write', ...Array.from({ length: 300 }, (_, i) => `src/a/b${i}`)]],
    ['words', ['foo', ...Array.from({ length: 1000 }, (_, i) => `${i}`)]],
    [
      'code',
      [
        'python3',
        '-c',
        'import os\nfor x in range(3):\n  print("a b", x, os.path.join("a", "b"))\n'.repeat(40),
      ],
    ],
    ['data', ['foo', JSON.stringify(Array.from({ length: 80 }, (_, i) => ({ a: `b c ${i}` })))]],
    ['includes', ['gcc', ...Array.from({ length: 250 }, (_, i) => ['-I', `d${i}`]).flat()]],
  ])('a long command of %s is judged, not refused', (_, argv) => {
    expect(judge({ argv }).decision).toBe('require_approval')
  })
})
