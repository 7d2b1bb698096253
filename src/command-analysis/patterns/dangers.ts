import { baseName, climbs, leaves, readsElsewhere, writesElsewhere } from '../paths.ts'
import type { Kind } from '../programs/table.ts'
import { isOwnName } from '../shell/dialects.ts'
import type { Command } from '../types.ts'
import { isAddress, ofCloudWord, ofGoal, SENT_FILE, type Danger } from './cloud-words.ts'
import { effectsArePlain } from './effects.ts'
import { awkIsPlain, sedIsPlain } from './scripts.ts'

/** What a word of a kind does besides, and how much of it says so; 0 for nothing. */
type Look = readonly [says: string, literal: (text: string, cwd: string) => number]

const all = (bad: (text: string) => boolean) => (text: string) => (bad(text) ? text.length : 0)

const LOOKS: Partial<Record<Kind, Look>> = {
  inside: [
    'is not in the workspace',
    (text, cwd) => readsElsewhere(text, cwd) || (URL_START.test(text) ? text.length : listed(text)),
  ],
  folder: [
    'is not in the workspace',
    (text, cwd) => (/^(?:-|[-+]\d+)$/.test(text) ? text.length : writesElsewhere(text, cwd)),
  ],
  write: ['is written to', (text, cwd) => writesElsewhere(text, cwd) || listed(text)],
  copied: [
    'is copied from elsewhere, or to a file that others read',
    (text, cwd) =>
      readsElsewhere(text, cwd) || (writesElsewhere(baseName(text)) > 0 ? text.length : 0),
  ],
  packed: [
    'is written to, without its ending',
    (text, cwd) =>
      writesElsewhere(text, cwd) ||
      (writesElsewhere(text.replace(/\.[^./]*$/, ''), cwd) > 0 ? text.length : 0),
  ],
  prefix: [
    'is what hidden files begin with',
    (text, cwd) => writesElsewhere(text, cwd) || (/(?:^|\/)\.[^/.]*$/.test(text) ? text.length : 0),
  ],
  media: [
    'is no file of the workspace',
    (text, cwd) =>
      /^@|[|=]|^[a-z][\w+.-]+:|\.(?:msl|mvg)$/i.test(text)
        ? text.length
        : writesElsewhere(text, cwd),
  ],
  file: [
    'is a program from elsewhere',
    (text, cwd) => isAddress(text) || leaves(text, cwd) || listed(text),
  ],
  remote: ['is an address', ofRemote],
  repository: [
    'is an address, or a folder',
    (text) => ofRemote(text) || (text.includes('/') ? text.length : 0),
  ],
  program: ['is a program of any kind', all((text) => /[/\\]/.test(text))],
  triple: ['is described by a file', all((text) => /[/\\]|\.json$/.test(text))],
  artifacts: ['is written to', all((text) => text.includes('='))],
  socket: ['is a program, or a file', all((text) => !PLAIN_SOCKET.test(text))],
  item: ['reads a file', all((text) => /^@|@[./~]|[:=]@/.test(text) || SENT_FILE.test(text))],
  transfer: [
    'is an address, or not in the workspace',
    (text, cwd) => isAddress(text) || writesElsewhere(text, cwd),
  ],
  image: ['is from another registry', (text) => OTHER_REGISTRY.exec(text)?.[0].length ?? 0],
  endpoint: ['is an address', (text) => URL_START.exec(text)?.[0].length ?? 0],
  refspec: ['rewrites or deletes', (text) => (/^[+:]./.test(text) ? 1 : 0)],
  package: ['is no package of the registry', all((text) => OFF_REGISTRY.test(text))],
  assign: ['changes what is made, or how', (text) => text.indexOf('=') + 1],
  target: [
    'changes what is made, or how',
    (text, cwd) =>
      text.indexOf('=') + 1 || (/[;&|`$()<>\n]/.test(text) ? text.length : leaves(text, cwd)),
  ],
  sed: ['runs, reads or writes besides', all((text) => !sedIsPlain(text))],
  awk: ['runs, reads or writes besides', all((text) => !awkIsPlain(text))],
  editor: ['is a command of the editor', (text) => text.length],
  named: ['is a program, or a file', all((text) => /[.:/\\@]/.test(text))],
  sent: ['reads or writes a file', all((text) => SENT_FILE.test(text))],
  variable: ['is calculated', all(isIndexed)],
  format: [
    'sets a variable',
    all((text) => /%[^%a-zA-Z\\]*[hlLqjzt]*n/.test(text.replaceAll('%%', ''))),
  ],
  pretty: [
    'starts what checks signatures',
    all((text) => /%G|%\(signature|^-?signature/.test(text)),
  ],
  effects: ['may read a file', all((text) => !effectsArePlain(text))],
  name: ['is set for what follows', all((text) => !isOwnName(text))],
  'shell-option': ['changes how lines are read', all((text) => !PLAIN_SHELL_OPTION.test(text))],
  statement: ['runs, reads or writes besides', all(isOddStatement)],
  // A file that stands alone is no filter to some.
  filter: [
    'reads a file besides',
    (text, cwd) => (FILTER_READS.test(text) ? text.length : onlyPath(text, cwd)),
  ],
  form: ['reads a file', all((text) => /-file(?:=|$)/.test(text))],
  resource: ['holds secrets', all((text) => /(?:^|,)(?:secrets?|tokens?)(?:[/.,]|$)/i.test(text))],
  passed: [
    'reads or writes a file',
    (text, cwd) =>
      /^--(?:logfile|config-path)(?:=|$)/.test(text) ? text.length : writesElsewhere(text, cwd),
  ],
  handed: [
    'changes what is made, or how',
    (text, cwd) => (/^-(?![jklsv]+\d*$)|=/.test(text) ? text.length : leaves(text, cwd)),
  ],
  lint: ['is no check', all((text) => !/^(?:-[WADF])?[\w:]*(?:-[\w:]+)*$/.test(text))],
  'sent-or-written': [
    'reads or writes a file',
    (text, cwd) => (SENT_FILE.test(text) ? text.length : writesElsewhere(text, cwd)),
  ],
  database: ['says where to connect to', all((text) => /=|:\/\//.test(text))],
  mode: ['gives the rights of its owner', all((text) => /s|^[-+=]?0*[2-7]\d{3}$/.test(text))],
  linker: ['runs or writes besides', all((text) => !LINKER_PLAIN.test(text))],
  'module-path': [
    'is a program from elsewhere',
    (text, cwd) =>
      isAddress(text) || leaves(text, cwd) || (/^[^/.]+\.[^/]+\/|@/.test(text) ? text.length : 0),
  ],
  'go-package': [
    'is not in the workspace',
    (text, cwd) => (text.includes('@') ? text.length : readsElsewhere(text, cwd)),
  ],
}

/** What a word of a kind does besides; undefined for nothing. */
export function dangerOf(
  kind: Kind,
  text: string,
  { command, cwd }: { command: Command; cwd: string },
): Danger | undefined {
  if (kind === 'setting') return ofKey(text, command)
  if (kind === 'cloud-word') return ofCloudWord(text, command)
  if (kind === 'goal') return ofGoal(text, command)
  if (kind === 'host' || kind === 'fetched') return ofHost(text, kind)
  const [says, literalOf] = LOOKS[kind] ?? []
  const literal = literalOf?.(text, cwd) ?? 0
  return says === undefined || literal === 0 ? undefined : { says, literal }
}

/** `@file`: many programs read the words that a file holds in place of it. */
function listed(text: string): number {
  return /^@[\w./-]/.test(text) ? text.length : 0
}

function ofRemote(text: string): number {
  return climbs(text) || isAddress(text) || (/^[.~/]/.test(text) ? text.length : 0)
}

/** The program's own input and output, and other machines, without further options. */
const PLAIN_SOCKET =
  /^(?:-|stdio|stdin|stdout|(?:tcp|udp|ssl|openssl)[46]?(?:-connect)?:[\w.-]+:\d+)$/i

/** Schemes of addresses that programs are there to reach. */
const USUAL_SCHEME = /^(?:https?|wss?|ftps?|ssh):$/i
/** What a program that fills in addresses itself could make any scheme of. */
const FILLED_SCHEME = /^[^/:]*[{[](?![\da-f.]*:[\da-f:.]*\])/i

function ofHost(text: string, kind: 'host' | 'fetched'): Danger {
  const scheme = /^[a-z][a-z0-9+.-]*:(?=\/\/)|^file:/i.exec(text)?.[0]
  if (FILLED_SCHEME.test(text) || (scheme !== undefined && !USUAL_SCHEME.test(scheme)))
    return { says: 'is no address of the web', literal: text.length }
  const [path = ''] = text.split(/[?#]/)
  if (kind === 'fetched' && writesElsewhere(baseName(decoded(path))) > 0)
    return { says: 'is written to a file of this name', literal: text.length }
  const up = climbs(path)
  if (up > 0) return { says: 'leads up in its address', literal: up }
  return { says: 'is reached', literal: text.length, usual: true }
}

/** How much of a text that may be no path leads out of the workspace, if it is one. */
function onlyPath(text: string, cwd: string): number {
  return /^(?:[~/]|\.\.\/)\S*$/.test(text) ? leaves(text, cwd) : 0
}

/** A path as it is without the codes that stand for characters. */
function decoded(path: string): string {
  return path.replace(/%([2-7][\da-f])/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
}

/** A key of the program's own settings, with a value: the key alone only asks for it. */
function ofKey(text: string, { invocation }: Command): Danger | undefined {
  const key = text.split('=', 1)[0] as string
  if (key === text && invocation.operands.length === 1) return undefined
  if (invocation.program?.settings.plain.has(key) === true) return undefined
  return { says: 'changes settings', literal: key.length }
}

/** Options of a shell that end it, show what it does, or say what a glob finds. */
const PLAIN_SHELL_OPTION =
  /^(?:pipefail|errexit|nounset|noglob|noclobber|xtrace|verbose|monitor|nullglob|globstar|dotglob|failglob|nocaseglob)$/

const ODD_STATEMENT =
  /^\s*\.(?!(?:tables|schema|headers?|mode|indexes|indices|databases|dbinfo|width|timer|stats|nullvalue|separator)\b)|load_extension|attach|writefile|readfile|fsdir|zipfile|_directory|fts3_tokenizer|edit\s*\(/i

function isOddStatement(text: string): boolean {
  const copies = text.split(';').some((each) => {
    const at = each.search(/vacuum\b/i)
    return at >= 0 && /\binto/i.test(each.slice(at))
  })
  return copies || ODD_STATEMENT.test(text)
}

/** What filters of jq and yq read besides what they are given, or run. */
const FILTER_READS = /\b(?:import|include|\w*load\w*|modulemeta|eval|system)\b/
/** What a shell calculates where it takes a word for a variable: `a[x]`. */
function isIndexed(text: string): boolean {
  const start = /^[A-Za-z_]\w*\[/.exec(text)?.[0].length ?? text.length
  const end = Math.max(start, text.lastIndexOf(']'))
  return /[A-Za-z_$`(]/.test(text.slice(start, end))
}

const URL_START = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i
/** `machine/image`, but for the usual registry; a way to get an image that is none: `dir:/x`. */
const OTHER_REGISTRY =
  /^(?!(?:index\.)?docker\.io\/)(?:[^/.:]*[.:][^/]*|localhost:\d+)\/|^(?:docker|oci|dir|sif|ostree|containers)(?:-\w+)?:(?:$|[/.])|^[\w-]+-archive:/i
/** Words that only change what is in a program: no symbols, a value of a variable. */
const LINKER_PLAIN =
  /^\s*(?:(?:-[sw]|-X(?:=|\s+)\S+|-extldflags=-static|-compressdwarf=\w+)(?:\s+|$))*$/

/** How package managers write that something is no package of the registry. */
const OFF_REGISTRY =
  /^(?:[a-z+]+:|@?[^@]+@(?:[a-z+]+:|.*\/)|(?![@.])[^/]+\/|[.~]|\/|@[^/]*\/[^@]*(?:\/|@.*[:/])|.*\.(?:tgz|tbz2?|txz|tlz|tar|tar\.\w+|zip|whl|gem|rpm|apk|conda)$)|#/i
