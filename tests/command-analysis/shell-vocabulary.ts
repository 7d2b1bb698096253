// What shell lines are made of, as data: the generator mixes it.

/** Programs that write down what they are given: those with an `n` in front fail. */
export const STUBS = ['pa', 'pb', 'pc', 'pd', 'na', 'nb', 'sudo', 'git'] as const
/** Real programs that start others, or hand text on. */
export const REAL =
  'env xargs find sh bash dash nice nohup timeout setsid cat tee printf true false head sort'.split(
    ' ',
  )
/** Files that are there, some of them meant. */
export const FILES = ['x.txt', 'y.txt', '-n', '--force', 'a b', 'dir/z.txt']

/** Words without quotes and without expansions; some look like syntax. */
export const PLAIN_WORDS = [
  'x',
  'y1',
  '-n',
  '--force',
  '-rf',
  'x/y',
  'a=b',
  'k:v',
  '--o=p',
  '+x',
  '@',
  '%',
  '.',
  '..',
  'é',
  '!x',
  'a#b',
  ']',
  '}',
  'if',
  'do',
  '-',
  '--',
]

/** What stands between single quotes. */
export const IN_SINGLE_QUOTES = [
  'p q',
  '$V',
  '`x`',
  'a;b',
  '*',
  '#',
  '\\',
  '"',
  'a\nb',
  '~',
  '{a,b}',
]

/** Words with a backslash. */
export const ESCAPED_WORDS = [
  'p\\ q',
  '\\$V',
  '\\*',
  '\\;',
  '\\~',
  'a\\\nb',
  "\\'",
  '\\"',
  '\\{a,b}',
  '\\#',
]

/** Quotes with a dollar in front. */
export const DOLLAR_QUOTES = ["$'p\\x41'", "$'a b'", '$"x"', "$'\\''", "$'\\n'"]

/** Patterns of file names. */
export const PATTERNS = [
  '*.txt',
  '?.txt',
  '[xy].txt',
  '-*',
  '*',
  'dir/*',
  '[!x].txt',
  '*nothing*',
  'x.[t]xt',
]

/** Braces, expanded or not. */
export const BRACES = ['{p,q}', 'p{1..3}', '{a,b}{c,d}', '{x', 'x}', '{}', '{a}', 'x{,y}', '{a..c}']

/** Tildes, expanded or not. */
export const TILDES = ['~', '~/x', 'a=~', '~nobody', 'x~', ':~', 'a:~/x']

/** Dollars and backslashes that expand to little. */
export const DOLLARS_ALONE = ['$', '"$"', '$%', '\\\\', '$$x']

/** What stands between double quotes, without expansions. */
export const IN_DOUBLE_QUOTES = [
  'p q',
  "it's",
  'a\\"b',
  'a\\\\b',
  'a\\$b',
  'a\\nb',
  'a;b',
  '*',
  '~',
  '{a,b}',
  '#',
  'a\nb',
  'a\\\nb',
  ' ',
]

/** Expansions of variables and sums. */
export const EXPANSIONS = [
  '$V',
  '${V}',
  '$E',
  '$G',
  '$X',
  '${V:-d}',
  '${N:-d e}',
  '${V:+z}',
  '${#V}',
  '${V#v}',
  '${V%w}',
  '$((1+2))',
  '$((3))',
  '$#',
  '$*',
  '$@',
  '${N-}',
  '$V$E',
  '${V:-"a b"}',
  '$?',
  '$-',
  '${V}x',
  '$1',
]

/** Settings in front of a command. */
export const SETTINGS = [
  'X=1',
  'V=u',
  'IFS=p',
  'Y="a b"',
  "Z='$V'",
  'X=$V',
  'X=~',
  'X=',
  'X=*',
  'X={a,b}',
  'IFS=',
  'X=$(pd)',
]

/** Redirections, some of which fail. */
export const REDIRECTIONS = [
  '>f1',
  '> f2',
  '>>f1',
  '2>&1',
  '2>/dev/null',
  '>/dev/null',
  '<x.txt',
  '< /dev/null',
  '>&2',
  '1>&2',
  '2>f3',
  '<>f4',
  '>|f1',
  '<nothing',
  '>dir/none/f',
  '&>f5',
  '<&0',
  '>&1',
  '<<<w',
  '3>f1',
  '2>&-',
  '>$V',
  '>"f 6"',
  '>&f7',
]

/** What runs the command behind it. */
export const WRAPPERS = [
  'nice',
  'nohup',
  'command',
  'timeout 5',
  'setsid',
  'nice -n 1',
  'exec',
  'builtin',
  'command -p',
]
