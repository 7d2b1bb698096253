import {
  hasLongPrefix,
  hasOption,
  hasVerb,
  hasWord,
  wordSet,
  type WordTest,
  type ProgramWords,
} from './word-tests.ts'

/** Programs that read and print, whatever their options. */
const READERS = wordSet(
  'ls cat head tail wc stat pwd whoami id uname which echo printf true false test [ grep egrep fgrep diff cmp cut tr basename dirname ' +
    'realpath readlink du df uptime jq md5sum sha1sum sha256sum nl od comm cd : sleep seq tac rev fold expand strings',
)
/**
 * Programs that only read unless told otherwise: options that make them write, or run something.
 */
const READERS_UNLESS: Record<string, WordTest> = {
  rg: hasWord('--pre'),
  sort: (rest) =>
    hasOption('oT', '--output', '--compress-program')(rest) ||
    hasLongPrefix(rest, '--output', '--compress-program'),
  uniq: (rest) => rest.filter((word) => word === undefined || !word.startsWith('-')).length > 1,
  tree: hasOption('oR', '--output'),
  date: hasOption('s', '--set'),
  file: hasOption('Cm', '--compile', '--magic-file'),
  find: (rest) =>
    rest.some(
      (word) => word === undefined || /^-(?:exec|execdir|ok|okdir|delete|fprint.*|fls)$/.test(word),
    ),
  ps: () => false,
  ruff: (rest) =>
    !hasVerb('check')(rest) ||
    rest.some(
      (word) =>
        word === undefined ||
        /^--(?:fix|config|unsafe|add-noqa|output-file|cache-dir|watch)/.test(word),
    ),
  shellcheck: () => false,
  docker: (rest) => !hasVerb('ps', 'images', 'version')(rest),
  podman: (rest) => !hasVerb('ps', 'images', 'version')(rest),
}
const GIT_READS = wordSet('status log diff show blame rev-parse ls-files ls-tree describe shortlog')
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

/**
 * Whether a program only reads. One that is reached by a path of the project is not the known one.
 * `first` is as it was typed.
 */
export function onlyReads(first: string, name: string, rest: ProgramWords): boolean {
  if (first !== name && !/^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]+$/.test(first)) return false
  if (name === 'git')
    return (
      GIT_READS.has(rest[0] ?? '') &&
      rest.every((word) => word !== undefined && !/^-[Oc]/.test(word)) &&
      !hasLongPrefix(rest, ...GIT_ACTS)
    )
  if (Object.hasOwn(READERS_UNLESS, name))
    return !rest.includes(undefined) && READERS_UNLESS[name]?.(rest) === false
  return READERS.has(name) && !(name === 'printf' && hasOption('v')(rest))
}
