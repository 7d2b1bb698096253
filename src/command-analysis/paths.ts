/** A path's last part: a program's name without its folder. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The part of an address that says which machine is meant. */
export function machineOf(address: string): string {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*/i.exec(address)?.[0] ?? ''
}

/** What lies where an agent works: its workspace, and what is there for a moment. */
const OURS = /^\/(?:workspace|tmp|state)(?:\/|$)/
/** Folders and files that decide what others run, or that hold what nobody should write. */
const SENSITIVE_NAMES = [
  '.git .ssh .gnupg .aws .kube .docker .husky .direnv .envrc .npmrc .netrc .gitconfig .gitmodules',
  '.pypirc .profile .login .inputrc .vimrc .exrc .config .yarnrc .yarnrc.yml .pnpmfile.cjs .cargo',
  '.mvn .bazelrc .pdbrc .irbrc .gdbinit .lldbinit .sqliterc .psqlrc .my.cnf .wgetrc .curlrc',
  '.tmux.conf .screenrc',
]
const SENSITIVE = new RegExp(
  `(?:^|/)(?:${SENSITIVE_NAMES.join(' ').replaceAll('.', '\\.').replaceAll(' ', '|')}|\\.(?:bash|zsh)\\w*)(?=/|$)`,
  'i',
)

/**
 * How much of a path, from its beginning, leads out of a folder by `..`; 0 where none of it does.
 */
export function climbs(path: string): number {
  if (!/\.\.|%2e/i.test(path)) return 0
  let end = 0
  for (const match of path.matchAll(/(?:^|[/=:,])(?:\.|%2e){2}(?=$|[/:,])/gi))
    end = match.index + match[0].length
  return end
}

/**
 * How much of a path, from its beginning, says that it is not in the workspace: a folder of the
 * machine, a home folder, a way up. 0 where it stays inside.
 */
export function leaves(path: string, cwd = ''): number {
  const up = climbs(path)
  if (up > 0) return up
  if (/^file:/i.test(path)) return path.length
  if (path.startsWith('~')) return path.indexOf('/') < 0 ? path.length : path.indexOf('/') + 1
  if (!path.startsWith('/') || OURS.test(path) || isBelow(path, cwd)) return 0
  const second = path.indexOf('/', 1)
  return second < 0 ? path.length : second + 1
}

/** What a machine has for everybody, and holds nothing of anybody's. */
const DEVICE = /^\/dev\/(?:null|zero|full|u?random|std(?:in|out|err))$/

/** The same for a path that is read as data. */
export function readsElsewhere(path: string, cwd = ''): number {
  return DEVICE.test(path) ? 0 : leaves(path, cwd)
}

/**
 * The same for files that a glob finds, as a pattern of `*`: a dot and a star may be the folder
 * above.
 */
export function globLeaves(shape: string, cwd = ''): number {
  const up = /(?:^|\/)\.(?:\.?\*+|\*+\.)(?=\/|$)/.exec(shape)
  return up === null ? leaves(shape, cwd) : up.index + up[0].length
}

/**
 * Folders of the machine, and those that hold keys and settings: what is there is nobody's
 * workspace.
 */
const MACHINE = new RegExp(
  '^/+(?:$|(?:etc|usr|root|proc|sys|dev|boot|run|s?bin|lib\\w*|opt' +
    '|var/(?:lib|log|run|spool|cache|mail|www))(?:/|$))',
)

/** Whether a folder cannot be a workspace, nor a part of one. */
export function isMachineFolder(folder: string): boolean {
  const path = folder.replace(/\/(?:\.?\/)+/g, '/')
  return MACHINE.test(path) || SENSITIVE.test(path) || climbs(path) > 0
}

/**
 * The same for a path that is written to: there are files in a workspace that decide what others
 * run.
 */
export function writesElsewhere(path: string, cwd = ''): number {
  const out = readsElsewhere(path, cwd)
  if (out > 0) return out
  const match = SENSITIVE.exec(path)
  return match === null ? 0 : match.index + match[0].length
}

function isBelow(path: string, folder: string): boolean {
  return folder.length > 1 && (path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`))
}
