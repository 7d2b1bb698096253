export type Make = () => string

/** A text as one word of a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** How a generator of shell lines makes the parts of an odd line. */
export interface LineParts {
  list: Make
  simple: Make
  word: Make
  pick(this: void, from: readonly string[]): string
}

/** Lines that change the shell itself, and lines that are broken. */
export function oddLines({ list, simple, word, pick }: LineParts): readonly Make[] {
  return [
    () => `f() { ${list()}; }\nf ${word()}`,
    // It must not call itself: the recursion would not end.
    () => `pa() { ${pick(['pb x', 'pb "$@"; pc', 'nb || pd', 'sudo $1'])}; }; ${list()}`,
    () => `function g { ${list()}; }; g`,
    () => `alias pa=${quoted(simple())}\n${list()}`,
    () => `set -f; ${list()}`,
    () => `set -e; ${list()}`,
    () => `set -u; ${list()}`,
    () => `exit; ${list()}`,
    () => `${list()}; exit 3; ${list()}`,
    () => `X=${quoted(simple())}; $X`,
    () => `C=pb; ${list()}`,
    () => `IFS=p; V=xpy; ${list()}`,
    () => `cd dir && ${list()}`,
    () => `PATH=/nowhere; ${list()}`,
    () => `coproc ${simple()}`,
    () => `for ((i=0;i<2;i++)); do ${list()}; done`,
    () => `select X in a b; do ${list()}; done </dev/null`,
    () => `shift; ${list()}`,
    () => `return; ${list()}`,
    () => `break; ${list()}`,
    () => `. ./x.txt; ${list()}`,
    () => `readonly V; V=2; ${list()}`,
    () => `: \${N?no}; ${list()}`,
    () => `: $((1/0)); ${list()}`,
    () => `: >dir/none/f; ${list()}`,
    () => `exec >f1; ${list()}`,
    () => `exec 3<x.txt; pa <&3`,
    () => `${list()} )`,
    () => `${list()}; if`,
    () => `pa 'x`,
    () => `pa "x $(pb`,
    () => `a[0]=1; ${list()}`,
    () => `a=(x y); pa "\${a[@]}"`,
    () => `X+=1 ${simple()}`,
    () => `unset V; ${list()}`,
    () => `trap ${quoted(simple())} INT; ${list()}`,
    () => `type pa; hash pa; ${list()}`,
    () => `kill -0 $$; ${list()}`,
    () => `let X=1; ${list()}`,
    () => `pa \${V^^} \${V//v/w} \${!V}`,
    () => `pa 10>f1 x`,
    () => `pa {fd}>f1 x`,
    () => `case x in x) ${simple()};& y) ${simple()};; esac`,
    () => `shopt -s extglob\npa @(x|y).txt`,
    () => `pa @(x|y).txt`,
    () => `command eval ${quoted(simple())}`,
    () => `local X=1; ${list()}`,
    () => `export X=1; ${list()}`,
    () => `read X <x.txt; ${list()}`,
    () => `wait; ${list()}`,
    () => `umask 77; ${list()}`,
    () => `pa 2<(${simple()}) ${word()}`,
    () => `for i in 3>(${simple()}); do ${list()}; done; wait`,
    () => `pa <<E\n\${N:-'$(${simple()})'}\nE`,
    () => `pa <<E\n\${V#"$(${simple()})"} '\${N-x}'\nE`,
    () => `pa \${N:=x} && ${list()}`,
    () => `printf 'a%n' N; ${list()}`,
    () => `for x in 'a[$(pb)]'; do [[ x -lt 1 ]]; done; ${list()}`,
    () => `declare -n r=V; r=x; ${list()}`,
    () => `pa ${pick(['2>&', '<&', '>&'])}-${simple()}`,
    () => `pa $\\\n${pick(['(', '{V:-$(', '['])}${simple()}${pick([')', ')}', ']'])} ${word()}`,
    () => `pa "$\\\n{V}" $V\\\n ${word()}; ${list()}`,
    () => `! ! ${simple()}; ${list()}`,
    () => `${list()}; pa ${pick(['(', '$[', '2>|3>f1'])}`,
    () => `env ${pick(['.X=1', 'a-b=1', '1=2'])} ${simple()}`,
    () => `trap -- ${quoted(simple())} ${pick(['EXIT', '0', 'INT'])}; ${list()}`,
    () => `eval -- ${simple()}; ${list()}`,
    () => `find . -name x.txt -exec ${pick(['pa', 'pb x'])} {} +`,
  ]
}
