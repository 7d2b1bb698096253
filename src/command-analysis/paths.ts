/** A path's last part: a program's name without its folder. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** What lies where an agent works: its workspace, and what is there for a moment. */
const OURS = /^\/(?:workspace|tmp|state)(?:\/|$)/
/** Files that decide what others run, or that hold what nobody should write. */
const SENSITIVE =
  /(?:^|\/)(?:\.git|\.ssh|\.gnupg|\.aws|\.kube|\.docker|\.husky|\.direnv|\.envrc|\.npmrc|\.netrc|\.gitconfig|\.gitmodules|\.pypirc|\.(?:bash|zsh)\w*|\.profile|\.login|\.inputrc|\.vimrc|\.config)(?=\/|$)/

/**
 * How much of a path, from its beginning, leads out of a folder by `..`; 0 where none of it does.
 */
export function climbs(path: string): number {
  const last = path.lastIndexOf('..')
  if (last < 0) return 0
  for (const match of path.matchAll(/(?:^|[/=:,])(?:\.|%2e){2}(?=$|[/:,])/gi))
    if (match.index + match[0].length >= last) return match.index + match[0].length
  return 0
}

/**
 * How much of a path, from its beginning, says that it is not in the workspace: a folder of the
 * machine, a home folder, a way up. 0 where it stays inside.
 */
export function leaves(path: string, cwd = ''): number {
  const up = climbs(path)
  if (up > 0) return up
  if (path.startsWith('~')) return path.indexOf('/') < 0 ? path.length : path.indexOf('/') + 1
  if (!path.startsWith('/') || OURS.test(path) || isBelow(path, cwd)) return 0
  const second = path.indexOf('/', 1)
  return second < 0 ? path.length : second + 1
}

/**
 * The same for a path that is written to: there are files in a workspace that decide what others
 * run.
 */
export function writesElsewhere(path: string, cwd = ''): number {
  const out = leaves(path, cwd)
  if (out > 0) return out
  const match = SENSITIVE.exec(path)
  return match === null ? 0 : match.index + match[0].length
}

function isBelow(path: string, folder: string): boolean {
  return folder.length > 1 && (path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`))
}
