import { all, kind } from './cases.ts'

kind('a line is allowed if each of its parts is', [
  ...all(
    'allow',
    ['allow cd *', 'allow git status*'],
    [
      'cd repo && git status',
      'cd repo; git status -s',
      '(cd repo && git status)',
      'cd repo\ngit status',
      'cd repo && git status 2>&1',
      'cd repo && git status 2>/dev/null || git status',
      '{ cd repo; git status; }',
    ],
  ),
  ...all(
    'ask',
    ['allow cd *', 'allow git status*'],
    [
      'cd repo && git push',
      'cd repo && git status > x',
      'cd repo && git status; id',
      'cd repo && $(id)',
      'cd repo && git status | sh',
      'cd /etc && git status',
      'X=1 git status',
    ],
  ),
  ...all('allow', ['allow git log*', 'allow head*'], ['git log --oneline | head -20']),
  ...all('allow', 'allow npm test*', [
    'npm test 2>&1',
    'npm test >/dev/null 2>&1',
    'npm test 2>/dev/null',
  ]),
  ...all('ask', 'allow npm test*', [
    'npm test > log',
    'npm test >> log 2>&1',
    'npm test < x',
    'npm test | tee x',
  ]),
  ...all(
    'allow',
    ['allow npm test*', 'allow grep *'],
    ['if npm test; then grep x y; fi', 'npm test | grep -v "a|b"'],
  ),
  { line: 'cd repo && git status', policies: 'allow cd *', is: 'allow', lock: 'coder' },
  ...all(
    'block',
    ['allow *', 'block git push*'],
    ['cd x && git push', 'ls | git push', 'true || git push'],
  ),
])

kind('the built-in templates allow nothing outside of the workspace', [
  ...all(
    'ask',
    undefined,
    [
      'git blame --contents /etc/passwd f',
      'git blame --contents=/etc/passwd f',
      'git log --output=x',
      'git diff /etc/passwd x',
      'git diff ../x y',
      'git show --textconv HEAD',
      'rg --pre=id x',
      'rg -f /etc/passwd x',
      'rg --ignore-file=/etc/passwd x',
      'git log -p --ext-diff',
      'git diff -O/etc/passwd',
    ],
    'reviewer',
  ),
  ...all(
    'allow',
    undefined,
    [
      'git blame -L 1,5 f',
      'rg -n "a|b" src',
      'git diff HEAD~1 -- src',
      'git log --oneline -5 2>/dev/null',
      'git show HEAD:src/a.ts',
    ],
    'reviewer',
  ),
])
