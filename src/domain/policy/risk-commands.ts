import { SECRETS, words as anyOf } from '../../command-analysis/risk-words.ts'
import type { Action, Factor } from './types.ts'
import { begins } from '../../command-analysis/long-options.ts'
import { commandsIn } from '../../command-analysis/commands.ts'

interface CommandRule {
  label: string
  points: number
  programs: Set<string>
  /** Further words of the command: all must hold. Absent: the program alone is enough. */
  when?: (rest: readonly string[]) => boolean
  /** Not said besides the rule of this label, which is the same, worse. */
  unless?: string
}

const has =
  (...wanted: string[]) =>
  (rest: readonly string[]) =>
    rest.some((w) => wanted.includes(w))
const verb =
  (...wanted: string[]) =>
  (rest: readonly string[]) =>
    wanted.includes(rest[0] ?? '')
/** A short option inside a cluster (`-rf`), or a long one. */
const option =
  (letters: string, ...long: string[]) =>
  (rest: readonly string[]) =>
    rest.some(
      (w) =>
        (/^-[A-Za-z]+$/.test(w) && [...letters].some((l) => w.includes(l, 1))) ||
        long.some((name) => begins(w, name)),
    )
const both =
  (...tests: ((rest: readonly string[]) => boolean)[]) =>
  (rest: readonly string[]) =>
    tests.every((t) => t(rest))
const set = (text: string) => new Set(text.split(' '))

const SENDING = ['--data', '--form', '--upload-file', '--json']
const INSTALLERS = set(
  'npm pnpm yarn bun pip pip3 pipx uv gem cargo go apt apt-get apk dnf yum brew composer npx',
)
const INFRASTRUCTURE = set(
  'kubectl helm terraform tofu pulumi ansible ansible-playbook aws gcloud az flyctl heroku vercel wrangler',
)

/** What commands are known for, by whole words. Each rule counts once for an action. */
const RULES: CommandRule[] = [
  {
    label: 'deletes whole folders',
    points: 30,
    programs: set('rm'),
    when: option('rR', '--recursive'),
  },
  {
    label: 'deletes',
    points: 10,
    programs: set('rm rmdir unlink'),
    unless: 'deletes whole folders',
  },
  {
    label: 'deletes what it finds',
    points: 25,
    programs: set('find'),
    when: has('-delete', '-exec', '-execdir'),
  },
  {
    label: 'overwrites or wipes',
    points: 35,
    programs: set('dd shred wipefs mkfs mkfs.ext4 mkfs.xfs fdisk parted truncate'),
  },
  {
    label: 'pushes to a remote',
    points: 15,
    programs: set('git hg jj svn'),
    when: verb('push', 'commit-remote', 'dcommit'),
  },
  {
    label: 'rewrites remote history',
    points: 30,
    programs: set('git'),
    when: both(
      verb('push'),
      (rest) =>
        option('f', '--force', '--mirror', '--delete')(rest) ||
        rest.some((w) => w.startsWith('--force') || /^\+\S/.test(w) || /^:\S/.test(w)),
    ),
  },
  {
    label: 'throws work away',
    points: 15,
    programs: set('git'),
    when: (rest) =>
      (verb('reset')(rest) && option('', '--hard')(rest)) ||
      verb('clean', 'filter-branch', 'filter-repo')(rest) ||
      (verb('branch')(rest) && has('-D')(rest)) ||
      (verb('stash')(rest) && has('drop', 'clear')(rest)),
  },
  {
    label: 'installs software',
    points: 20,
    programs: INSTALLERS,
    when: (rest) =>
      verb('install', 'i', 'add', 'ci', 'get', 'update', 'upgrade', 'exec', 'dlx')(rest),
  },
  { label: 'runs code from a registry', points: 20, programs: set('npx bunx uvx pipx') },
  {
    label: 'publishes',
    points: 35,
    programs: set('npm pnpm yarn cargo gem poetry twine docker podman helm gh'),
    when: (rest) =>
      verb('publish', 'push', 'upload')(rest) || (verb('release')(rest) && has('create')(rest)),
  },
  {
    label: 'reaches the network',
    points: 15,
    programs: set('curl wget nc ncat netcat ssh scp sftp rsync ftp telnet socat'),
  },
  {
    label: 'sends data',
    points: 15,
    programs: set('curl'),
    when: (rest) =>
      rest.some(
        (w) =>
          /^(?:-d|-F|-T|--data.*|--form.*)$/.test(w) ||
          SENDING.some((name) => begins(w, name)) ||
          /^-[dFT]./.test(w),
      ) || has('POST', 'PUT', 'PATCH', 'DELETE', '-XPOST', '-XPUT', '-XPATCH', '-XDELETE')(rest),
  },
  { label: 'raises its rights', points: 25, programs: set('sudo su doas pkexec setcap') },
  {
    label: 'changes rights of many files',
    points: 15,
    programs: set('chmod chown chgrp'),
    when: option('R', '--recursive'),
  },
  {
    label: 'ends processes',
    points: 15,
    programs: set('kill pkill killall reboot shutdown halt poweroff'),
  },
  { label: 'changes infrastructure', points: 25, programs: INFRASTRUCTURE },
  {
    label: 'destroys infrastructure',
    points: 25,
    programs: INFRASTRUCTURE,
    when: (rest) =>
      rest.some((w) =>
        /^(?:delete|destroy|rm|remove|terminate(?:-.*)?|delete-.*|uninstall)$/.test(w),
      ),
  },
  {
    label: 'plants code that runs later',
    points: 20,
    programs: set('crontab at systemctl launchctl'),
  },
  { label: 'evaluates text as code', points: 15, programs: set('eval source') },
  {
    label: 'evaluates text as code',
    points: 10,
    programs: set('python python3 node perl ruby php deno'),
    when: has('-c', '-e', '--eval', '-p', '-r'),
  },
]

const SQL_LOSS = anyOf(
  'drop table',
  'drop database',
  'drop schema',
  'delete from',
  'truncate table',
  'truncate',
)
const FETCHERS = set('curl wget')
const INTERPRETERS = set('sh bash dash ash zsh ksh mksh fish python python3 node perl ruby')

const KNOWN = new Set([
  ...RULES.flatMap((rule) => [...rule.programs]),
  ...FETCHERS,
  ...INTERPRETERS,
])

export function commandFactors(action: Action): Factor[] {
  const commands = knownCommands(action)
  const factors: Factor[] = []
  for (const rule of RULES) {
    if (
      !factors.some(({ label }) => label === rule.label || label === rule.unless) &&
      holds(rule, commands)
    )
      factors.push({ label: rule.label, points: rule.points })
  }
  return [...factors, ...textFactors(action, commands)]
}

/** What follows each program that is known for something, by program. */
type Known = ReadonlyMap<string, readonly (readonly string[])[]>

function knownCommands(action: Action): Known {
  const commands = new Map<string, (readonly string[])[]>()
  for (const { head, words, at } of commandsIn(action).readings) {
    if (!KNOWN.has(head)) continue
    const before = commands.get(head)
    if (before === undefined) commands.set(head, [words.slice(at)])
    else before.push(words.slice(at))
  }
  return commands
}

function holds({ programs, when }: CommandRule, commands: Known): boolean {
  for (const [program, rests] of commands)
    if (programs.has(program) && (when === undefined || rests.some(when))) return true
  return false
}

function textFactors({ target, argv }: Action, commands: Known): Factor[] {
  const factors: Factor[] = []
  const anyOfThem = (programs: Set<string>) =>
    [...commands.keys()].some((program) => programs.has(program))
  if (
    argv.some((w, i) => i > 0 && w.length > 8 && SQL_LOSS.test(w)) ||
    SQL_LOSS.test(withoutTruncate(target))
  )
    factors.push({ label: 'deletes data', points: 25 })
  if (/[|`]|\$\(|<\(/.test(target) && anyOfThem(FETCHERS) && anyOfThem(INTERPRETERS))
    factors.push({ label: 'runs what it downloads', points: 35 })
  if (SECRETS.test(target)) factors.push({ label: 'touches secrets', points: 25 })
  if (argv.length === 0) factors.push({ label: 'more than one plain command', points: 5 })
  return factors
}

/** `truncate` alone is a program of its own, counted already. */
function withoutTruncate(target: string): string {
  return target.replace(/\btruncate\b(?!\s+table)/gi, '')
}
