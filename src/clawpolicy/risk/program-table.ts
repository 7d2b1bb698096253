import type { RiskLevel } from '../types.ts'
import {
  always,
  hasLongPrefix,
  hasOption,
  hasVerb,
  hasWord,
  wordSet,
  type WordTest,
  type ProgramWords,
} from './word-tests.ts'

/** One thing that some programs do, how risky it is, and what to say about it. */
interface ProgramRisk {
  programs: ReadonlySet<string>
  when: WordTest
  level: RiskLevel
  why: string
}

const INFRASTRUCTURE = wordSet(
  'kubectl helm terraform tofu pulumi ansible ansible-playbook aws gcloud az flyctl heroku',
)
export const INTERPRETERS = wordSet(
  'python python2 python3 node deno bun perl ruby php lua sh bash dash ash zsh ksh',
)

/** What programs are known to do. Every row that applies counts. */
export const PROGRAM_RISKS: readonly ProgramRisk[] = [
  {
    programs: wordSet('rm'),
    when: hasOption('rR', '--recursive'),
    level: 'critical',
    why: 'deletes whole folders',
  },
  { programs: wordSet('rm rmdir unlink shred srm'), when: always, level: 'high', why: 'deletes' },
  {
    programs: wordSet('find fd'),
    when: hasWord('-delete'),
    level: 'critical',
    why: 'deletes what it finds',
  },
  {
    programs: wordSet('mkfs fdisk parted wipefs mkswap sfdisk'),
    when: always,
    level: 'critical',
    why: 'overwrites disks',
  },
  {
    programs: wordSet('dd'),
    when: (rest) => rest.some((word) => word === undefined || word.startsWith('of=')),
    level: 'critical',
    why: 'overwrites what it is pointed at',
  },
  {
    programs: wordSet('git'),
    when: (rest) => hasVerb('push')(rest) && rewrites(rest),
    level: 'critical',
    why: 'rewrites remote history',
  },
  {
    programs: wordSet('git'),
    when: (rest) =>
      (hasVerb('reset')(rest) && hasOption('', '--hard')(rest)) ||
      hasVerb('clean', 'filter-branch', 'filter-repo')(rest),
    level: 'critical',
    why: 'throws work away',
  },
  { programs: wordSet('git'), when: hasVerb('push'), level: 'high', why: 'pushes to a remote' },
  {
    programs: wordSet('sudo doas su pkexec runuser setcap chroot nsenter unshare'),
    when: always,
    level: 'high',
    why: 'raises its rights',
  },
  {
    programs: wordSet('chmod chown chgrp setfacl chattr'),
    when: always,
    level: 'high',
    why: 'changes rights',
  },
  {
    programs: wordSet('iptables nft ufw ip6tables'),
    when: always,
    level: 'critical',
    why: 'changes the firewall',
  },
  {
    programs: wordSet('docker podman nerdctl'),
    when: (rest) => !hasVerb('ps', 'images', 'version', 'info', 'logs', 'inspect')(rest),
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
    programs: wordSet('npm pnpm yarn cargo gem poetry twine docker podman helm gh'),
    when: hasVerb('publish', 'push', 'upload', 'release'),
    level: 'high',
    why: 'publishes',
  },
  {
    programs: wordSet('curl wget nc ncat netcat ssh scp sftp rsync ftp telnet socat'),
    when: always,
    level: 'medium',
    why: 'reaches the network',
  },
  {
    programs: wordSet('ssh scp sftp rsync nc ncat netcat socat telnet ftp'),
    when: always,
    level: 'high',
    why: 'reaches another machine',
  },
  {
    programs: wordSet('curl wget'),
    when: sends,
    level: 'high',
    why: 'sends data, or writes what it gets',
  },
  {
    programs: wordSet('eval source . trap'),
    when: always,
    level: 'high',
    why: 'evaluates text as code',
  },
  {
    programs: INTERPRETERS,
    when: hasOption('ce', '--eval', '--command', '-r'),
    level: 'high',
    why: 'evaluates text as code',
  },
  {
    programs: wordSet('crontab at batch systemctl service launchctl'),
    when: always,
    level: 'high',
    why: 'plants what runs later',
  },
  {
    programs: wordSet('kill pkill killall reboot shutdown halt poweroff'),
    when: always,
    level: 'high',
    why: 'ends processes',
  },
]

function rewrites(rest: ProgramWords): boolean {
  return (
    hasOption('fd', '--mirror', '--delete', '--prune')(rest) ||
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

function sends(rest: ProgramWords): boolean {
  return (
    hasLongPrefix(rest, ...SENDING) ||
    rest.some(
      (word) =>
        word === undefined ||
        /^(?:-[dFTXoOK].*|--(?:data|form|upload-file|json|request|post|body|method|output|remote-name|config).*)$/.test(
          word,
        ),
    )
  )
}
