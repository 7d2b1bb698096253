import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge, lease, policy } from '../judge.ts'

describe('commands', () => {
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
  ])('a permission for `git push *` does not cover %j', (target) => {
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
  ])('a restriction of `git push*` covers %j', (target) => {
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
  ])('a restriction of `%s` covers every reading', (target, commands) => {
    const held = (command: string) =>
      judge(
        { target: command },
        { policies: [policy('allow'), policy('block', { type: 'exec', target })] },
      ).decision === 'block' &&
      judge({ target: command }, { bounds: { block: [{ type: 'exec', target }] } }).decision ===
        'block'
    expect(commands.filter((command) => !held(command))).toEqual([])
  })
  it('a permission for git covers no option that names a program, unless it has that option', () => {
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
  it('a restriction does not cover text that is only printed', () => {
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
  it('a restriction covers a command after any words and options of an unknown program', () => {
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
  it('a restriction covers a verb of git after any options, with or without values', () => {
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
  it('quoted text is not a command', () => {
    expect(
      judge(
        { argv: ['git', 'commit', '-m', 'fix; git push later'] },
        { policies: [policy('block', { target: 'git push*' })] },
      ).decision,
    ).toBe('require_approval')
  })
})
