import { all, kind } from './cases.ts'

kind('the options of a no are a set', [
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

kind('a command is the same behind its options, by another name or with a word for its toolchain', [
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

kind('a command inside of a value is a command', [
  ...all(
    'block',
    ['allow *', 'block rm -rf*'],
    [
      'tar cf a b --checkpoint=1 --checkpoint-action=exec="rm -rf x"',
      'tar cf a b --to-command "rm -fr x"',
      'vim -c ":!rm -rf x"',
      'vim "+!rm -rf x"',
      'GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.pager GIT_CONFIG_VALUE_0="rm -rf x" git log',
      'GIT_PAGER="rm -rf x" git log',
      'git -c core.pager="rm -rf x" log',
      'git -c alias.x="!rm -rf x" x',
      'git config core.editor "rm -rf x"',
      'find . -exec rm -rf {} +',
      'xargs -n1 rm -rf',
      "sed '1e rm -rf x' f",
      'env -S "rm -rf x"',
      'rsync -e "rm -rf x" a b',
      'npm exec -c "rm -rf x"',
      'git submodule foreach "rm -rf x"',
      'watch "rm -rf x"',
      'flock l -c "rm -rf x"',
      'parallel rm -rf {} ::: a',
      'docker exec web rm -rf x',
      'kubectl exec web -- rm -rf x',
      'sort --compress-program="rm -rf x" f',
      'script -qc "rm -rf x"',
      'su -c "rm -rf x"',
    ],
  ),
])
