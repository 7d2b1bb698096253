import { describe, expect, it } from 'vitest'
import { awkIsPlain, sedIsPlain } from '../../src/command-analysis/patterns/scripts.ts'

describe('a program of awk', () => {
  it.each([
    // A division is no regular expression, and hides nothing up to the next one.
    'BEGIN{x=4/2;print|"id";y=4/2}',
    '{ a = $1 / 2; print > "f"; b = $2 / 2 }',
    '{ x++ / 2; print | "id" / 1 }',
    '{ y = a[1] / 2; print > "f" "/" }',
    // A quote, or a number sign, in a regular expression begins no text and no comment.
    '/"/{print | "id"} /"/',
    '/#/{print | "id"}',
    '/\\"/ {print > "f"} /"/',
    '/[/"]/{print | "id"} /"/',
    '/[^"/]/{print | "id"} /"/',
    '{if (1) /"/; print | "id" "/" }',
    '{ print length /"/; print | "id" "/" }',
    // Numbers and words may stand side by side.
    'BEGIN{1system("id")}',
    'BEGIN{0x1Asystem("id")}',
    'BEGIN{1esystem("id")}',
    'BEGIN{1.system("id")}',
    // A statement may go on in the next line.
    '{print x,\n y > "f"}',
    '{print \\\n > "f"}',
    '{print a ?\n b : c > "f"}',
    '{print a && # why\n b > "f"}',
    '{print "x" \\\r\n | "id"}',
    // What is read is what it says.
    'BEGIN{ARGV[1]="/etc/passwd";ARGC=2}{print}',
    'BEGIN{SYMTAB["ARGC"]=2}',
    'BEGIN{FUNCTAB["x"]}',
    'BEGIN{while (("id" | getline x) > 0) print x}',
    'BEGIN{getline x < "/etc/passwd"}',
    '@load "filefuncs"',
    'BEGIN{f="system"; @f("id")}',
    '{print |& "id"}',
    '{print > /a/ }',
    '{print >> $1}',
    '{printf("%s", $1) > "f"}',
    `{print ${'1+'.repeat(2100)}1}`,
    // What never ends is nothing that can be told.
    '{print "x',
    '/x',
    '{ a = 1 / 2 # "\\\nprint | "id" }',
  ])('%j does more than to print', (program) => expect(awkIsPlain(program)).toBe(false))

  it.each([
    '{print $1/$2}',
    '{s+=$1} END {print s/NR}',
    '/foo|bar/ {print}',
    '/"[^"]*"/ {print}',
    '/#[0-9]+/ {n++} END {print n}',
    '/[[:space:]]#/ {print $1 / 2, "/"}',
    '$3 > 100 || $1 ~ /a/ {print $1}',
    '{a[$1]++} END {for (k in a) print k, a[k]}',
    '{printf "%.2f\\n", ($1+$2)/2}',
    'NR>1 && /x/ {n++} END{print n/2 " x"}',
    '{gsub(/"/,""); print}',
    '{gsub(/[#;]/,""); print}',
    'NR==FNR{a[$1];next} $1 in a',
    '/start/,/end/',
    '{ if ($1 > 5 || $2 < 3) print $0 }',
    '{ total += $2 } # sums\nEND { print total * 1e-3 }',
    '{ print $1,\n $2 }',
    'BEGIN { FS = "|" } { print $2 }',
    '!seen[$0]++',
    '{ print $1 " > " $2 }',
  ])('%j only prints', (program) => expect(awkIsPlain(program)).toBe(true))
})

describe('a script of sed', () => {
  it.each([
    // In brackets a delimiter ends nothing, for most versions.
    's/[/]/;s/e;#/x/',
    's/[/]/;s/w f;#/x/',
    's|[|]|;s|e;#|x|',
    's/[^/]/;s/w f;#/x/',
    's/[]/]/;s/e;#/x/',
    's/[[:alpha:]/]/;s/e;#/x/',
    's/[\\]/;s/e;#]/x/',
    '/[/]/;s/e;#/p',
    's/a/b/e',
    's/a/b/gpe',
    's/a/b/2w f',
    '1!e id',
    'a foo\\\ne id',
    '/x/I,+2e',
    '{e}',
    '/a\\/b/e',
    '\\,a,e id',
    'y/abc/xyz/;w f',
    ':a;N;$!ba;e',
    '$r f',
    'R f',
    'W f',
    's/x/y\nw f/',
  ])('%j does more than to edit what is read', (script) => expect(sedIsPlain(script)).toBe(false))

  it.each([
    '1,5p',
    's/a|b/c;d/g',
    's/[0-9]*$//',
    's/[^,]*,//2',
    's|[[:space:]]*$||',
    's/[.*]/x/; s/[\\t ]//g',
    's/[]]/x/',
    '/[0-9]/d',
    '/^#/d;/^$/d',
    '$!N;P;D',
    ':a;N;$!ba;s/\\n/ /g',
    's#/#-#g; s/\'/"/',
  ])('%j only edits', (script) => expect(sedIsPlain(script)).toBe(true))
})
