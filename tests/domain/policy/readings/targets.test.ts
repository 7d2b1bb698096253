import { all, kind, type Case } from './cases.ts'

kind('each target is judged by its type', [
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
    is: 'no yes',
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

kind('a no is not final about what only could be meant', [
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
