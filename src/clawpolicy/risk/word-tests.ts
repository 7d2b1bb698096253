import { begins } from '../../command-analysis/long-options.ts'

/** The words after a program's name; undefined stands for a word that only the shell knows. */
export type ProgramWords = readonly (string | undefined)[]
/** A test of a program's words. */
export type WordTest = (rest: ProgramWords) => boolean

/** A set of the words of a line. */
export const wordSet = (text: string) => new Set(text.split(' '))
/** Whether one of these words occurs. */
export const hasWord =
  (...wanted: string[]): WordTest =>
  (rest) =>
    rest.some((word) => word !== undefined && wanted.includes(word))
/** A short option, alone or in a cluster, or a long one, also with a value. */
export const hasOption =
  (letters: string, ...long: string[]): WordTest =>
  (rest) =>
    rest.some(
      (word) =>
        word !== undefined &&
        (/^-[A-Za-z]+$/.test(word)
          ? [...letters].some((letter) => word.includes(letter, 1))
          : long.some((name) => begins(word, name))),
    )
/** Whether the verb is one of these: `push` in `git -C x push`. */
export const hasVerb =
  (...wanted: string[]): WordTest =>
  (rest) =>
    wanted.includes(verbOf(rest) ?? '')
export const always: WordTest = () => true

/**
 * The first word that is no option, after the values of options that git and others take before
 * their verb.
 */
function verbOf(rest: ProgramWords): string | undefined {
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]
    if (
      word === '-C' ||
      word === '-c' ||
      word === '--git-dir' ||
      word === '--work-tree' ||
      word === '--namespace' ||
      word === '-n'
    )
      i++
    else if (word === undefined || !word.startsWith('-')) return word
  }
  return undefined
}

/** Whether a word may be an abbreviation of one of these long options. */
export function hasLongPrefix(rest: ProgramWords, ...long: string[]): boolean {
  return rest.some((word) => {
    const name = word?.split('=')[0] ?? ''
    return (
      name.length > 2 &&
      name.startsWith('--') &&
      long.some((option) => option.startsWith(name) || name.startsWith(option))
    )
  })
}
