import { all, kind, type Case } from './cases.ts'

kind('options of a restriction are a set', [
  ...all(
    'block',
    ['allow *', 'block rm -rf*'],
    [
      'rm -fr x',
      'rm -r -f x',
      'rm -Rf x',
      'rm -f -R x',
      'rm --recursive --force x',
      'rm --rec -f x',
      'rm x -rf',
      'rm -vfr x',
      'rm -f x -r',
      '/bin/rm -fr x',
      'command rm -fr x',
      'sudo rm -fr x',
    ],
  ),
  ...all(
    'not block',
    ['allow *', 'block rm -rf*'],
    ['rm -r x', 'rm -f x', 'rm -- -rf', 'grep -rf x y'],
  ),
  ...all(
    'block',
    ['allow *', 'block git push --force*'],
    [
      'git push origin main --force',
      'git push -f',
      'git push -uf origin x',
      'git push origin -f x',
      'git push --force-with-lease',
      'git -C x push --force',
    ],
  ),
  ...all(
    'block',
    ['allow *', 'block kubectl delete ns*'],
    ['kubectl -n x delete ns y', 'kubectl delete --wait ns y'],
  ),
  ...all(
    'block',
    ['allow *', 'block git switch -f*'],
    ['git switch --discard-changes x', 'git switch x -f', 'git switch --force x'],
  ),
  ...all(
    'block',
    ['allow *', 'block git commit --no-verify*'],
    ['git commit -n -m x', 'git commit -anm x'],
  ),
  ...all('block', ['allow *', 'block tar *--to-command*'], ['tar xf a --to-command=id']),
])

kind('a command is recognised after its options, by another name and with a toolchain', [
  ...all(
    'block',
    ['allow *', 'block docker compose down*'],
    [
      'docker compose -f a.yml down -v',
      'docker compose --file=a.yml -p x down',
      'docker --context x compose down',
      'podman compose down',
    ],
  ),
  ...all(
    'ask',
    ['allow *', 'ask gh api* -X DELETE*'],
    [
      'gh api -XDELETE repos/o/r',
      'gh api repos/o/r -X DELETE',
      'gh api --method DELETE repos/o/r',
      'gh api --method=DELETE repos/o/r',
      'gh api -X=DELETE x',
    ],
  ),
  ...all('allow', ['allow gh api *', 'ask gh api* -X DELETE*'], ['gh api repos/o/r']),
  ...all(
    'ask',
    ['allow *', 'ask pip install*'],
    [
      'pip3 install x',
      'pip3.11 install x',
      'python -m pip install x',
      'python3.12 -m pip install x',
      'pip --quiet install x',
      'sudo pip3 install x',
    ],
  ),
  ...all('block', 'block cargo publish*', [
    'cargo +nightly publish',
    'cargo --locked publish',
    'cargo +stable -v publish',
  ]),
  ...all('block', 'block npm install*', [
    'npm i x',
    'npm --prefix d add x',
    'npm isntall',
    'npm -g in x',
  ]),
  ...all('block', 'block npm publish*', ['npm pub', 'npm --tag x publish']),
  ...all('block', 'block terraform destroy*', ['terraform -chdir=x destroy', 'tofu destroy']),
  ...all('block', 'block kubectl delete*', ['kubectl --context prod delete pod x', 'oc delete x']),
  ...all('block', 'block git push*', ['git --no-pager -C x push', '/usr/bin/git push']),
  ...all('allow', 'allow git log*', ['git --no-pager log -5', 'git -P log']),
  ...all('allow', 'allow pip install *', ['pip3 install requests']),
])

kind('a target is read by its type', [
  ...[
    'https://api.example.com/x https://evil.example/y',
    'GET https://api.example.com/x https://evil.example/y',
    'https://evil.example/y https://api.example.com/x',
  ].map((line): Case => ({
    line,
    type: 'net',
    policies: 'allow https://api.example.com/*',
    is: 'ask',
  })),
  {
    line: 'GET https://api.example.com/x',
    type: 'net',
    policies: 'allow GET https://api.example.com/*',
    is: 'allow',
  },
  {
    line: 'https://api.example.com/x https://api.example.com/y',
    type: 'net',
    policies: 'allow https://api.example.com/*',
    is: 'allow',
  },
  {
    line: 'https://good.example/x https://evil.example/y',
    type: 'net',
    policies: ['allow https://*', 'block https://evil.example/*'],
    is: 'block',
  },
  {
    line: 'write /workspace/x /policy/y',
    type: 'file',
    policies: 'allow write /workspace/*',
    is: 'ask',
  },
  {
    line: 'write /workspace/x /policy/y',
    type: 'file',
    policies: 'allow write /workspace/*',
    is: 'block',
    lock: 'coder',
  },
  {
    line: 'write /workspace/x ../policy/y',
    type: 'file',
    policies: 'allow write /workspace/*',
    is: 'not allow',
    lock: 'coder',
  },
  {
    line: 'write /workspace/x /workspace/y',
    type: 'file',
    policies: 'allow write /workspace/*',
    is: 'allow',
  },
  {
    line: 'write /workspace/my notes.txt',
    type: 'file',
    policies: 'allow write /workspace/*',
    is: 'allow',
  },
])

kind('a possible match asks instead of blocking', [
  ...all(
    'ask',
    ['allow *', 'block sudo *'],
    [
      "bash -c'sudo id'",
      'alias x="sudo id"',
      'nobody-knows-this --flag value sudo id',
      '/opt/x/anything 1 2 3 /usr/bin/sudo id',
      'python3 -c "import os; os.system(\'sudo id\')"',
      'perl -e "system(q(sudo id))"',
      'awk "BEGIN { system(\\"sudo id\\") }"',
      'sudo${IFS}id',
      'nobody-knows-this "a; sudo id"',
      'f() { sudo id; }',
      'trap "sudo id" INT',
    ],
  ),
  ...all(
    'ask',
    ['allow *', 'block git push --force*'],
    [
      'git --never-heard-of x push --force',
      'foo -x git -C y push --force',
      'git subtree push --force',
      'git push $X',
      'git push --forc?',
      'git pus[h] --force',
    ],
  ),
  ...all('ask', ['allow *', 'block *git push --force*'], ['foo -x git -C y push --force now']),
  ...all('block', 'block sudo *', [
    'f() { sudo id; }; f',
    'trap "sudo id" EXIT',
    '>x sudo id',
    'sudo id >/dev/null 2>&1 &',
    'if sudo id; then :; fi',
    'cat <(sudo id)',
    'coproc sudo id',
  ]),
])
