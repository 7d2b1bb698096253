import { posix } from 'node:path'
import type { RiskRule } from '../../../command-analysis/programs/table.ts'
import type { Command } from '../../../command-analysis/types.ts'
import type { Word } from '../../../command-analysis/word.ts'
import type { Factor } from '../types.ts'

/** The factor for what destroys a whole system, the files of a user, or a disk. */
export const ROOT_FACTOR: Factor = { label: 'acts on a root or home folder, or a disk', points: 55 }

/** Labels of the table of programs. With a root, each of them is a disaster. */
const DESTRUCTIVE: ReadonlySet<string> = new Set([
  'deletes whole folders',
  'deletes what it finds',
  'overwrites or wipes',
  'changes rights of many files',
])

/** A command, and what the table of programs says of its risk. */
export interface RatedCommand {
  command: Command
  risks: readonly RiskRule[]
}

/** Whether a command deletes or overwrites a root. Relative paths are resolved in `cwd`. */
export function destroysRoot({ command, risks }: RatedCommand, cwd: string): boolean {
  return (
    risks.some(({ label }) => DESTRUCTIVE.has(label)) &&
    command.words.slice(1).some((word) => isRoot(pathOf(word), cwd))
  )
}

/** Whether a command writes its output to a disk. */
export function overwritesDisk({ opened }: Command): boolean {
  return opened.some(({ how, path }) => how === 'writes' && DISK.test(pathOf(path)))
}

/** A word as a path: without quotes, and without a name before it, as in `of=/dev/sda`. */
function pathOf({ text, source }: Word): string {
  return (text ?? source.replace(/["']/g, '')).replace(/^[a-z]+=/, '')
}

const HOME = /^(?:~[\w-]*|\$HOME|\$\{HOME\})(?=\/|$)/
/** Names that match everything in a folder. */
const EVERYTHING = /\/(?:[.?]*\*+|\.\[.*|\{[.*,]+\})$/s
const ROOT =
  /^\/(?:(?:bin|boot|dev|etc|lib|lib32|lib64|media|mnt|opt|proc|root|run|sbin|srv|sys|usr|var)|(?:home|Users)(?:\/[^/]+)?)?$/
const DISK = /^\/dev\/(?:(?:sd|hd|vd|xvd)[a-z]|nvme\d|mmcblk\d|disk|mapper\/|dm-\d)/

/**
 * Whether a path is a root, a system folder, a home folder or a disk, or everything in one of them.
 */
export function isRoot(path: string, cwd: string): boolean {
  const absolute = path.replace(HOME, '/home/user')
  if (!absolute.startsWith('/') && !cwd.startsWith('/')) return false
  const folder = posix.resolve(cwd.startsWith('/') ? cwd : '/', absolute.replace(/\/+/g, '/'))
  return ROOT.test(folder.replace(EVERYTHING, '') || '/') || DISK.test(folder)
}
