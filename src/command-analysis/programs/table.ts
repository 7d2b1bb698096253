import type { SettingKeys } from './setting-keys.ts'

/** What an option, or a word in an operand's place, makes a program do besides its usual work. */
export const EFFECTS = [
  /** Nothing besides. */
  'plain',
  /** Starts another program, or code that is given. */
  'runs',
  /** Writes a file of the caller's choice. */
  'writes',
  /** Reads what is elsewhere. */
  'reads',
  /** Reaches another machine, or another account. */
  'reaches',
  /** Changes settings, or where they come from. */
  'sets',
  /** Gives up a safeguard, or loses what cannot be had back. */
  'risks',
  /** Only tells something: what the command would start is not started. */
  'inert',
] as const
export type ProgramEffect = (typeof EFFECTS)[number]

/** What a value or an operand is. */
export const KINDS = [
  /** Text without a further meaning. */
  'data',
  /** The same, also where it looks like a path and stands apart from its option. */
  'text',
  /** A path that is read: out of the workspace it is only covered by name. */
  'inside',
  /** The same, and what follows is done there; `-` is a folder of before. */
  'folder',
  /** The same, and it is written to. */
  'write',
  /** A name of a place, or the address of one that nobody named before. */
  'remote',
  /** The same for git, which also takes a folder of the workspace, with what it starts there. */
  'repository',
  /** A path that is copied: what is made has its name. */
  'copied',
  /** A path that is written to, without what stands behind its last dot. */
  'packed',
  /** What the names of the files that are written begin with. */
  'prefix',
  /** A picture, or sound, to be read or written; programs for these take much else for one. */
  'media',
  /** A path of this machine, or of another one: `machine:path`. It may be written to. */
  'transfer',
  /** `branch`, or `+branch` and `:branch`, which rewrite and delete. */
  'refspec',
  /** An image of the usual registry, or the address of one of another. */
  'image',
  /** A path at the usual server, or an address. */
  'endpoint',
  /** An address, or a machine, that the program is there to reach. */
  'host',
  /** The same, and what is there is written to a file of its name. */
  'fetched',
  /** A package of the registry, or one from elsewhere. */
  'package',
  /** `NAME=value` that is set for what is run. */
  'assign',
  /** What is to be made; `NAME=value` changes how. */
  'target',
  /** The command that begins here. */
  'command',
  /** The same, up to `;`, or to a `+` behind `{}`. */
  'command-part',
  /** The same, up to `;` alone. */
  'command-span',
  /** A line for a shell. */
  'line',
  /** A line for a shell, run when one of the signals behind it comes. */
  'handler',
  /** This and all words behind it, joined, are a line for a shell. */
  'lines',
  /** Words for a command, split at blanks; what stands behind it belongs to them. */
  'split',
  /** A program in another language. */
  'code',
  /** A file with a program. */
  'file',
  /** The name of a module, which is a command with the words behind it. */
  'module',
  /** `key=value`, or a key and then its value, of the program's own settings. */
  'setting',
  /** A script of sed's. */
  'sed',
  /** A program of jq's or yq's. */
  'filter',
  /** A program of awk's. */
  'awk',
  /** An editor's command, `:!line` among them. */
  'editor',
  /** A form of printing in which `%n` sets a variable. */
  'format',
  /** A form of showing commits, in which some words start a program. */
  'pretty',
  /** Steps of work on pictures and sound; some read files. */
  'effects',
  /** `exec=line`, or another word. */
  'action',
  /** The name of a program that is installed; a path leads to any other. */
  'program',
  /** What a socket is joined with: an address, or the program's own input and output. */
  'socket',
  /** What is sent, as `name=value`; `name=@file` stands for what a file holds. */
  'item',
  /** The name of a target that is built for; a file describes any other, and its tools. */
  'triple',
  /** What is made, each perhaps with the file that it is written to. */
  'artifacts',
  /** A name that the program knows; one with a dot, a slash or an `@` is a file or a package. */
  'named',
  /** Text that is sent or printed; `@file` stands for what a file holds. */
  'sent',
  /** A word in which a shell calculates when it is taken for a variable: `a[$(line)]`. */
  'variable',
  /** The name of a variable that a builtin sets. */
  'name',
  /** An option of the shell, by its name. */
  'shell-option',
  /** A statement, or a command, of a database's shell. */
  'statement',
  /** The form of an answer; `…-file=` takes it from a file. */
  'form',
  /** What a cluster holds, by its type. */
  'resource',
  /** What is handed on to a program that is made and started. */
  'passed',
  /** What is handed on to a builder: its options, and what it shall set. */
  'handed',
  /** The name of a check, and whether it is one: `-D warnings`. */
  'lint',
  /** Text that is sent, or a file that is written to. */
  'sent-or-written',
  /** The name of a database, or where it is and how to get there. */
  'database',
  /** Rights of a file. */
  'mode',
  /** A word of a cloud's command: what is to be done may stand anywhere. */
  'cloud-word',
  /** Words for a linker. */
  'linker',
  /** A file or folder of the workspace, or the address of what is fetched and run. */
  'module-path',
  /** A package of the workspace; one with a version is fetched. */
  'go-package',
  /** What is to be done; one of a plugin fetches and runs it: `group:plugin:version:goal`. */
  'goal',
] as const
export type Kind = (typeof KINDS)[number]

export const LEVELS = ['low', 'medium', 'high', 'critical'] as const
/** How risky a command is by what it does, without regard to where and for whom. */
export type Level = (typeof LEVELS)[number]

export interface Option {
  /** Each way to write it: `-f`, `--force`. The last one is how it is named to people. */
  readonly names: readonly string[]
  /** Whether it takes a value: never, always, or only one that is glued to it. */
  readonly value: 'none' | 'needed' | 'glued'
  readonly kind: Kind
  /** Whether another value follows the first: `--arg name value`. */
  readonly double: boolean
  readonly effect: ProgramEffect
}

export interface Operands {
  /** Whether `NAME=value` may stand before them. */
  readonly assigns: boolean
  /** In order. */
  readonly first: readonly Kind[]
  /** Whatever comes behind those. */
  readonly many: Kind | undefined
  /** The last ones of all. */
  readonly last: readonly Kind[]
}

export interface RiskRule {
  readonly label: string
  readonly points: number
  readonly level: Level | undefined
  /**
   * Options (`-f`) or patterns of operands (`+*`) of which one has to be there; empty for always.
   */
  readonly when: readonly string[]
  /** Not said besides the rule of this label, which is the same, worse. */
  readonly unless: string | undefined
}

/** A program, or a verb of one. */
export interface Node {
  readonly name: string
  readonly options: ReadonlyMap<string, Option>
  /** Options that are told by how they begin: `-W*`. */
  readonly families: readonly (readonly [start: string, option: Option])[]
  readonly verbs: ReadonlyMap<string, Node> | undefined
  /** Verbs that are told by how they begin: `describe-*`. */
  readonly verbFamilies: readonly (readonly [start: string, verb: Node])[]
  /** What it does besides by itself: who means a verb that starts programs has to say the verb. */
  readonly effect: ProgramEffect
  /** Undefined where nothing is said of them. */
  readonly operands: Operands | undefined
  /** Names of options that stand for the first operand: `grep -e pattern file`. */
  readonly instead: ReadonlySet<string>
  /** What becomes of what it is sent: read as data, or run as code or as commands. */
  readonly stdin: 'data' | 'code' | 'commands' | undefined
  /**
   * Whether options end at the first operand, or at once: what stands behind it is for somebody
   * else.
   */
  readonly stops: boolean | 'here'
  /** Whether its options may also stand behind its verbs. */
  readonly global: boolean
  /** The words of a command that it is another name for: `docker compose`. */
  readonly as: readonly string[]
  /**
   * Whether it does nothing but start the command in its words: who allows that one needs no word
   * about it.
   */
  readonly wraps: boolean
  /** Whether what it starts runs in a container or on another machine. */
  readonly elsewhere: boolean
  /** Undefined where it is that of the node above. */
  readonly level: Level | undefined
  readonly risks: readonly RiskRule[]
}

export interface Program extends Node {
  readonly about: string
  /**
   * `gnu`: `-ab`, `--long`, `--long=value`; `dash`: `-long`, `-long=value`; `none`: no options at
   * all.
   */
  readonly style: 'gnu' | 'dash' | 'none'
  /** Whether the first word may be a bundle of short options without a dash: `tar xf`. */
  readonly bundle: boolean
  /** Whether `true`, `false` or `null` behind an option without a value is its value. */
  readonly answers: boolean
  /** Whether verbs may be abbreviated. */
  readonly abbreviates: boolean
  /** Programs that modules of this one are: `python -m pip`. */
  readonly modules: ReadonlyMap<string, string>
  /** Keys of its settings whose values are commands, and those that change nothing of the kind. */
  readonly settings: { readonly runs: SettingKeys; readonly plain: SettingKeys }
  /**
   * Whether a builtin changes the shell that goes on: what comes behind is not the same any more.
   */
  readonly shell: boolean
}

/** Every program that is known. */
export interface Table {
  /** By any of its names, without a folder. */
  find(name: string): Program | undefined
  /** The usual names of all of them. */
  names(): readonly string[]
  /** Names of variables whose value is a command, as patterns. */
  readonly variables: readonly string[]
  /** Names of variables whose value changes nothing of what is started, as patterns. */
  readonly harmless: readonly string[]
}

export const NO_PROGRAMS: Table = {
  find: () => undefined,
  names: () => [],
  variables: [],
  harmless: [],
}
