import { describe, expect, it } from 'vitest'
import { structuralRisk } from '../../src/clawpolicy/risk/structural.ts'
import { runsOnly } from '../../src/command-analysis/patterns/kinds.ts'
import { readLine } from '../../src/command-analysis/line.ts'
import { programs } from '../../src/config/programs.ts'
import { widerTriggers } from '../../src/clawpolicy/proposals.ts'
import { normalise } from '../../src/domain/policy/normalise.ts'
import { assessRisk } from '../../src/domain/policy/risk/risk.ts'

const covers = (kind: string, command: string) => runsOnly(readLine(command, programs()), kind)
const riskOf = (target: string) =>
  assessRisk(
    normalise({
      type: 'exec',
      target,
      argv: [],
      cwd: '',
      reversible: null,
      systems: [],
      goal: '',
      scope: '',
      risk: null,
      extra: {},
    }),
  ).factors.map(({ label }) => label)

describe('a rule that allows a kind of command', () => {
  it.each([
    // Programs take the beginning of an option's name for the option.
    ['git push', 'git push --del origin main'],
    ['git push', 'git push --mir origin'],
    ['git push', 'git push --rec=evil origin'],
    ['git push', 'git push --rece=evil ./repo main'],
    ['git push', 'git push --exe=evil origin'],
    ['git push', 'git push --no-ver origin'],
    ['git fetch', 'git fetch --upl=evil origin'],
    ['git log', 'git log --outp=x'],
    ['git diff', 'git diff --ext'],
    ['git diff', 'git diff --textc'],
    ['git grep', 'git grep --ope=x y'],
    ['npm install', 'npm install --reg=x foo'],
    ['npm install', 'npm install --pre=/usr foo'],
    ['pip install', 'pip install --ext=x foo'],
    ['rsync', 'rsync --rs=evil a b'],
    ['make', 'make --makef=x'],
    ['tar', 'tar -x --to-c=evil'],
    ['pip install', 'pip install --find-links=x foo'],
    ['pip install', 'pip install --fin=x foo'],
    ['pip install', 'pip install --edit .'],
    ['pip install', 'pip install --con=x foo'],
    ['rsync', 'rsync --rsync-path=evil a b'],
    ['wget', 'wget --use-ask=evil a.test'],
    ['tar', 'tar -x --rsh-c=evil'],
    ['cargo test', 'cargo test --man=x'],
    ['curl', 'curl a.test --dat @x'],
    ['wget', 'wget a.test --post-f=x'],
    // A scoped name may stand before something that is no package of the registry.
    ['npm install', 'npm install @s/foo@user/repo'],
    ['npm install', 'npm install @s/foo@github:u/r'],
    ['npm install', 'npm install @s/foo@file:../x'],
    ['npm install', 'npm install x.tar.gz'],
    ['npm install', 'npm install .'],
    ['npm install', 'npm install ..'],
    ['pip install', 'pip install foo.whl'],
    ['npm', 'npm in user/repo'],
    ['npm', 'npm insta user/repo'],
    ['npm', 'npm it user/repo'],
    ['npm', 'npm c'],
    ['npm', 'npm conf'],
    ['npm', 'npm set script-shell evil'],
    ['npm', 'npm expl x evil'],
    ['npm', 'npm innit evil'],
    ['curl', 'curl -d @x a.test'],
    // Another cluster, another machine, another's rights.
    ['kubectl get', 'kubectl get pods --context=prod'],
    ['kubectl get', 'kubectl get pods -n kube-system'],
    ['kubectl get', 'kubectl get pods --server=evil'],
    ['kubectl get', 'kubectl get pods --as=root'],
    ['kubectl get', 'kubectl get --token x pods'],
    ['kubectl apply', 'kubectl apply -k ./x'],
    ['kubectl get', 'kubectl get pods --cluster x'],
    ['helm list', 'helm list --kube-context prod'],
    ['gcloud compute', 'gcloud compute instances list --account=x'],
    ['docker run', 'docker run --pid=host alpine'],
    ['docker run', 'docker run --ipc host alpine'],
    ['docker run', 'docker run --device=/dev/sda alpine'],
    ['docker run', 'docker run --security-opt=x alpine'],
    ['docker run', 'docker run --entrypoint=sh alpine'],
    ['docker run', 'docker run -p 1:1 alpine'],
    // What they are given is a program.
    ['awk', "awk 'BEGIN{system(1)}'"],
    ['sed', "sed 's/a/b/e' x"],
    ['sed', 'sed e x'],
    ['find', 'find . -fprint x'],
    ['git push', 'git push ../evil main'],
    ['git push', 'git push origin ~/x'],
  ])('%s: %s leads elsewhere', (kind, command) => expect(covers(kind, command)).toBe(false))

  it.each([
    ['git push', 'git push --all origin'],
    ['git commit', 'git commit --amend --no-edit'],
    ['git merge', 'git merge --no-ff --no-edit x'],
    ['git log', 'git log --oneline --stat --decorate'],
    ['npm install', 'npm install --save-dev @types/node @s/foo@1.2 lodash'],
    ['npm ci', 'npm ci --no-audit --omit=dev'],
    ['git push', 'git push --porcelain origin main'],
    ['git push', 'git push origin feature/x'],
    ['kubectl get', 'kubectl get pods --watch'],
    ['docker run', 'docker run --rm -it alpine'],
    ['sed', 'sed'],
    ['cargo test', 'cargo test --all'],
    ['make', 'make --quiet'],
    ['pip install', 'pip install --verbose requests'],
  ])('%s: %s is of that kind', (kind, command) => expect(covers(kind, command)).toBe(true))

  it('is offered for scripts that only read, and not for those that do more', () => {
    const offered = (command: string) =>
      widerTriggers({ task_type: 'exec', command }, 'auto_execute', programs()).length
    expect(offered("awk '{print $1}' x")).toBe(1)
    expect(offered('awk \'{print | "id"}\' x')).toBe(0)
  })
})

describe('a shortened option', () => {
  it.each([
    ['git push --del origin main', 'critical', 'rewrites remote history'],
    ['git push --mir origin', 'critical', 'rewrites remote history'],
    ['git reset --ha', 'critical', 'throws work away'],
    ['rm --recur x', 'critical', 'deletes whole folders'],
    ['rm --r x', 'critical', 'deletes whole folders'],
    ['chmod --rec 777 x', 'high', 'changes rights of many files'],
    ['curl a.test --dat @x', 'high', 'sends data'],
  ])('%s is as risky as a whole one', (command, level, label) => {
    expect(structuralRisk({ command }, programs()).level).toBe(level)
    expect(riskOf(command)).toContain(label)
  })

  it('does not make another option risky', () => {
    expect(structuralRisk({ command: 'git push --porcelain origin main' }, programs()).level).toBe(
      'high',
    )
    expect(riskOf('git push --porcelain origin main')).not.toContain('rewrites remote history')
    expect(riskOf('rm -- r')).not.toContain('deletes whole folders')
  })
})
