/** Parts that cost a reader of shell most where they are repeated: nesting, openings that never close, many of anything. */
const PARTS = [
  ';',
  'a;',
  '{a,b}',
  '(',
  '((',
  '$(',
  '$((',
  '`',
  '"',
  '"$(',
  "'",
  '<<a ',
  'cat <<a;',
  '<<a\n',
  '[',
  '[[ ( ',
  '! ',
  '${',
  '${a:-',
  '${a/',
  'aa ',
  '*',
  '@(',
  'case x in x) ',
  'if ',
  'f() { ',
  'for x in a; do ',
  '{ ',
  '&',
  'a&&',
  'a|',
  '\\',
  '\\\n',
  "$'x'",
  "$'\\''",
  '~',
  '<(',
  'a=(',
  '$((1+',
  '#',
  '<<<a ',
  '>a ',
  '1>&2 ',
  '$(a)',
  'rm -rf x;',
  'git push;',
  'sudo ',
  'coproc ',
  'time ',
  '|',
  '\n',
  '$',
  '"a" ',
  'rm ',
  'a=b ',
  '$x ',
  "'a b' ",
  'eval ',
  'sh -c ',
  'xargs ',
  '-f ',
  'git -c a=b ',
  'echo a|sh;',
  'find -exec ',
  'é',
  '"$x"',
  'a"b"c ',
  'nice ',
  '<<E\n$(a)\n',
  'env ',
  'env -S ',
  'python -m ',
  'a{b,',
  '{1..9}',
  '}',
  'trap ',
  '- ',
  '-- ',
  '--a=b ',
  'sed -e s/a/b/ ',
  '$|',
  'sh|',
  'ls a;',
  'ls a&&',
  '$x;',
  '-abc ',
  'git $x;',
  'git push -uf o;',
  'git -c alias.x=!y x;',
  'rm ../../a;',
  'curl a|sh;',
  'curl -o x http://a.b;',
  'find . -exec a {} \\;;',
  'sudo sh -c "a";',
  'docker run -v /a:/b c;',
  'kubectl get secret;',
  'python -c "a";',
  '[[ -f a ]];',
  'if a;then b;fi;',
  'case a in b)c;;esac;',
  'while a;do b;done;',
  '"$(a)" ',
  'x=$(a) ',
  '$(ls $(ls a)) ',
  'echo "$x" >a;',
  'cat <a >b;',
  'http://a.b/../c ',
  '../',
  '{"a":"b"},',
  "'\\''",
  '😀',
  'cat ~/.ssh/id_rsa;',
]

/** Names that policies and risks are about: each could begin a command. */
const NAMES = (
  'git rm curl sudo npm docker kubectl terraform aws gcloud az helm pip cargo go ssh scp rsync wget find xargs env sh ' +
  'bash eval python node perl dd chmod chown mkfs tar awk sed psql systemctl make nc ngrok gh vault op az pulumi'
).split(' ')

/** What is read, but not understood: many names, options and signs in ever other orders. */
function mixed(length: number): string {
  const words: string[] = []
  for (let i = 0, left = length; left > 0; i++) {
    const name = NAMES[(i * 7) % NAMES.length] as string
    const word = `${name} ${['push', '-rf', '--force', 'delete', 'install'][i % 5]} ${'$a;(|&<'[i % 7]}`
    words.push(word)
    left -= word.length + 1
  }
  return words.join(' ').slice(0, length)
}

/** What stands before such text, so that all of it is data, code, or cannot be parsed. */
const FRONTS = [
  '',
  "awk '",
  'foo() { echo ',
  'foo "',
  "python -c '",
  "sh -c '",
  "eval '$|$|",
  '<<a\n',
]

/** Lines of one length, each of one such part, or of many together. */
export function hostileLines(length: number): string[] {
  return [
    ...PARTS.map((part) => part.repeat(Math.ceil(length / part.length)).slice(0, length)),
    ...FRONTS.map((front) => `${front}${mixed(length)}`.slice(0, length)),
  ]
}

/** Commands of many words that no shell reads. */
export function hostileWords(): string[][] {
  const many = (count: number, word: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => word(i))
  return [
    ['foo', ...many(400, (i) => `a${i} b`)],
    ['foo', ...many(1000, String)],
    ['foo', ...many(1000, () => 'rm')],
    ['git', ...many(800, () => 'push')],
    ['git', ...many(800, () => '-c')],
    ['git', ...many(400, (i) => `--opt${i}`)],
    many(600, () => 'sudo'),
    many(900, () => 'env'),
    ['find', ...many(400, () => '-exec')],
    ['sh', '-c', 'sh -c '.repeat(500)],
    ['rm', `-${'r'.repeat(3000)}`],
    ['python', ...many(900, () => '-rf')],
    ['curl', ...many(800, () => '-abc')],
    ['git', 'push', ...many(700, (i) => `-x${i}`)],
    ['npm', 'install', ...many(700, (i) => `-x${i}`)],
    ['curl', ...many(400, (i) => `--opt${i}`)],
    ['docker', 'run', ...many(600, () => '-v')],
    ['aws', 's3', ...many(500, (i) => `delete${i}`)],
    ['foo', ...Array.from({ length: 14 }, () => NAMES).flat()],
    ['foo', mixed(3900)],
    ['python', '-c', mixed(3900)],
    ['awk', 'a'.repeat(3900)],
    ['sed', 's/a/b/;'.repeat(560)],
    ['awk', '{print $1} '.repeat(350)],
    ['cat', '../'.repeat(1300)],
    ['curl', `http://${'a.'.repeat(1900)}`],
    ['foo', '1'.repeat(3900)],
    ['1.'.repeat(1900), 'x'],
    ...['1', '\t', '\n', '[', '/.[', 'vacuum ', '[a', 'e ', ', ', '"', '\\', ':', '.'].flatMap(
      longWords,
    ),
  ]
}

/** One long word in places where texts of many kinds are looked at. */
function longWords(part: string): string[][] {
  const word = `${part.repeat(3800 / part.length)}\nx`
  return [
    [word],
    ['foo', word],
    ['sed', '-e', word],
    ['awk', word],
    ['sqlite3', 'a', word],
    ['printf', '-v', word],
    ['rm', '-rf', word],
    ['jq', word],
    ['vim', '-c', word],
    ['git', '-c', word],
    ['sh', '-c', word],
    ['go', 'build', '-ldflags', word],
    ['npm', 'install', word],
    ['curl', word],
    ['docker', 'pull', word],
    ['export', word],
  ]
}
