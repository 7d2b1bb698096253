import { begins } from '../../command-analysis/long-options.ts'
import { programOf, type Invocation } from '../../command-analysis/structure.ts'
import type { RiskLevel } from '../types.ts'

/** A level and what it is for. */
export interface Grade {
  level: RiskLevel
  why: string
}

type Words = readonly (string | undefined)[]
type Test = (rest: Words) => boolean

const set = (text: string) => new Set(text.split(' '))
const has =
  (...wanted: string[]): Test =>
  (rest) =>
    rest.some((word) => word !== undefined && wanted.includes(word))
/** A short option, alone or in a cluster, or a long one, also with a value. */
const option =
  (letters: string, ...long: string[]): Test =>
  (rest) =>
    rest.some(
      (word) =>
        word !== undefined &&
        (/^-[A-Za-z]+$/.test(word)
          ? [...letters].some((letter) => word.includes(letter, 1))
          : long.some((name) => begins(word, name))),
    )
const verb =
  (...wanted: string[]): Test =>
  (rest) =>
    wanted.includes(verbOf(rest) ?? '')
const always: Test = () => true

/** The first word that is no option, past the values of options that git and its like take before their verb. */
function verbOf(rest: Words): string | undefined {
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]
    if (
      word === '-C' ||
      word === '-c' ||
      word === '--git-dir' ||
      word === '--work-tree' ||
      word === '--namespace' ||
      word === '-n'
    )
      i++
    else if (word === undefined || !word.startsWith('-')) return word
  }
  return undefined
}

const INFRASTRUCTURE = set(
  'kubectl helm terraform tofu pulumi ansible ansible-playbook aws gcloud az flyctl heroku',
)
const INTERPRETERS = set(
  'python python2 python3 node deno bun perl ruby php lua sh bash dash ash zsh ksh',
)

/** What programs are known to do. Every row that fits counts. */
const ROWS: { programs: Set<string>; when: Test; level: RiskLevel; why: string }[] = [
  {
    programs: set('rm'),
    when: option('rR', '--recursive'),
    level: 'critical',
    why: 'deletes whole folders',
  },
  { programs: set('rm rmdir unlink shred srm'), when: always, level: 'high', why: 'deletes' },
  {
    programs: set('find fd'),
    when: has('-delete'),
    level: 'critical',
    why: 'deletes what it finds',
  },
  {
    programs: set('mkfs fdisk parted wipefs mkswap sfdisk'),
    when: always,
    level: 'critical',
    why: 'overwrites disks',
  },
  {
    programs: set('dd'),
    when: (rest) => rest.some((word) => word === undefined || word.startsWith('of=')),
    level: 'critical',
    why: 'overwrites what it is pointed at',
  },
  {
    programs: set('git'),
    when: (rest) => verb('push')(rest) && rewrites(rest),
    level: 'critical',
    why: 'rewrites remote history',
  },
  {
    programs: set('git'),
    when: (rest) =>
      (verb('reset')(rest) && option('', '--hard')(rest)) ||
      verb('clean', 'filter-branch', 'filter-repo')(rest),
    level: 'critical',
    why: 'throws work away',
  },
  { programs: set('git'), when: verb('push'), level: 'high', why: 'pushes to a remote' },
  {
    programs: set('sudo doas su pkexec runuser setcap chroot nsenter unshare'),
    when: always,
    level: 'high',
    why: 'raises its rights',
  },
  {
    programs: set('chmod chown chgrp setfacl chattr'),
    when: always,
    level: 'high',
    why: 'changes rights',
  },
  {
    programs: set('iptables nft ufw ip6tables'),
    when: always,
    level: 'critical',
    why: 'changes the firewall',
  },
  {
    programs: set('docker podman nerdctl'),
    when: (rest) => !verb('ps', 'images', 'version', 'info', 'logs', 'inspect')(rest),
    level: 'high',
    why: 'acts on containers',
  },
  {
    programs: INFRASTRUCTURE,
    when: (rest) =>
      rest.some(
        (word) =>
          word !== undefined &&
          /^(?:delete|destroy|rm|remove|terminate(?:-.*)?|delete-.*|uninstall)$/.test(word),
      ),
    level: 'critical',
    why: 'destroys infrastructure',
  },
  { programs: INFRASTRUCTURE, when: always, level: 'high', why: 'changes infrastructure' },
  {
    programs: set('npm pnpm yarn cargo gem poetry twine docker podman helm gh'),
    when: verb('publish', 'push', 'upload', 'release'),
    level: 'high',
    why: 'publishes',
  },
  {
    programs: set('curl wget nc ncat netcat ssh scp sftp rsync ftp telnet socat'),
    when: always,
    level: 'medium',
    why: 'reaches the network',
  },
  {
    programs: set('ssh scp sftp rsync nc ncat netcat socat telnet ftp'),
    when: always,
    level: 'high',
    why: 'reaches another machine',
  },
  {
    programs: set('curl wget'),
    when: sends,
    level: 'high',
    why: 'sends data, or writes what it gets',
  },
  {
    programs: set('eval source . trap'),
    when: always,
    level: 'high',
    why: 'evaluates text as code',
  },
  {
    programs: INTERPRETERS,
    when: option('ce', '--eval', '--command', '-r'),
    level: 'high',
    why: 'evaluates text as code',
  },
  {
    programs: set('crontab at batch systemctl service launchctl'),
    when: always,
    level: 'high',
    why: 'plants what runs later',
  },
  {
    programs: set('kill pkill killall reboot shutdown halt poweroff'),
    when: always,
    level: 'high',
    why: 'ends processes',
  },
]

function rewrites(rest: Words): boolean {
  return (
    option('fd', '--mirror', '--delete', '--prune')(rest) ||
    rest.some((word) => word !== undefined && (word.startsWith('--force') || /^[+:]\S/.test(word)))
  )
}

const SENDING = [
  '--data',
  '--form',
  '--upload-file',
  '--json',
  '--request',
  '--post-data',
  '--post-file',
  '--body-data',
  '--body-file',
  '--method',
  '--output',
  '--output-document',
  '--remote-name',
  '--config',
]

function sends(rest: Words): boolean {
  return (
    anyPrefix(rest, ...SENDING) ||
    rest.some(
      (word) =>
        word === undefined ||
        /^(?:-[dFTXoOK].*|--(?:data|form|upload-file|json|request|post|body|method|output|remote-name|config).*)$/.test(
          word,
        ),
    )
  )
}

/** Everything that speaks about one program, the worst as well as the mildest. */
export function gradeOf(run: Invocation): Grade[] {
  const [first, ...rest] = run.words
  if (first === undefined) return [{ level: 'high', why: 'what it runs depends on the shell' }]
  const name = programOf(first)
  const grades = ROWS.filter(
    ({ programs, when }) =>
      (programs.has(name) || programs.has(name.replace(/\..*$/, ''))) && when(rest),
  ).map(({ level, why }): Grade => ({ level, why: `${name} ${why}` }))
  if (
    run.piped &&
    INTERPRETERS.has(name) &&
    !rest.some((word) => word !== undefined && !word.startsWith('-'))
  )
    grades.push({ level: 'critical', why: `${name} runs what it is sent` })
  if (run.under.includes('xargs') && grades.length > 0)
    grades.push({ level: 'high', why: `${name} acts on whatever it is sent` })
  if (grades.length > 0) return grades
  if (onlyReads(first, name, rest)) return [{ level: 'low', why: `${name} only reads` }]
  return [
    {
      level: 'medium',
      why: CARRIERS.has(name)
        ? `${name} runs another program`
        : `${name} is not known to be harmless`,
    },
  ]
}

const CARRIERS = set('xargs find env nohup time nice timeout command exec busybox stdbuf setsid')

/** Programs that read and print, whatever their options. */
const READERS = set(
  'ls cat head tail wc stat pwd whoami id uname which echo printf true false test [ grep egrep fgrep diff cmp cut tr basename dirname realpath readlink du df uptime jq md5sum sha1sum sha256sum nl od comm cd : sleep seq tac rev fold expand strings',
)
/** Programs that only read unless told otherwise: options that make them write, or run something. */
const READERS_UNLESS: Record<string, Test> = {
  rg: has('--pre'),
  sort: (rest) =>
    option('oT', '--output', '--compress-program')(rest) ||
    anyPrefix(rest, '--output', '--compress-program'),
  uniq: (rest) => rest.filter((word) => word === undefined || !word.startsWith('-')).length > 1,
  tree: option('oR', '--output'),
  date: option('s', '--set'),
  file: option('Cm', '--compile', '--magic-file'),
  find: (rest) =>
    rest.some(
      (word) => word === undefined || /^-(?:exec|execdir|ok|okdir|delete|fprint.*|fls)$/.test(word),
    ),
  ps: () => false,
  ruff: (rest) =>
    !verb('check')(rest) ||
    rest.some(
      (word) =>
        word === undefined ||
        /^--(?:fix|config|unsafe|add-noqa|output-file|cache-dir|watch)/.test(word),
    ),
  shellcheck: () => false,
  docker: (rest) => !verb('ps', 'images', 'version')(rest),
  podman: (rest) => !verb('ps', 'images', 'version')(rest),
}
const GIT_READS = set('status log diff show blame rev-parse ls-files ls-tree describe shortlog')
/** Options of git that write a file or start a program; long ones may be shortened. */
const GIT_ACTS = [
  '--output',
  '--ext-diff',
  '--textconv',
  '--exec-path',
  '--open-files-in-pager',
  '--paginate',
  '--show-signature',
]

/** Programs reached by a path of the project's own are not those that are known. */
function onlyReads(first: string, name: string, rest: Words): boolean {
  if (first !== name && !/^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]+$/.test(first)) return false
  if (name === 'git')
    return (
      GIT_READS.has(rest[0] ?? '') &&
      rest.every((word) => word !== undefined && !/^-[Oc]/.test(word)) &&
      !anyPrefix(rest, ...GIT_ACTS)
    )
  if (Object.hasOwn(READERS_UNLESS, name))
    return !rest.includes(undefined) && READERS_UNLESS[name]?.(rest) === false
  return READERS.has(name) && !(name === 'printf' && option('v')(rest))
}

/** Whether a word may be the beginning of one of these long options. */
function anyPrefix(rest: Words, ...long: string[]): boolean {
  return rest.some((word) => {
    const name = word?.split('=')[0] ?? ''
    return (
      name.length > 2 &&
      name.startsWith('--') &&
      long.some((option) => option.startsWith(name) || name.startsWith(option))
    )
  })
}
