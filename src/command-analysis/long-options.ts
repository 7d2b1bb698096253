/** Whether a word is a long option, or the beginning of its name, which most programs take for the whole: `--del` is `--delete`. */
export function begins(word: string, long: string): boolean {
  const name = word.split('=', 1)[0] as string
  return name.length > 2 && name.startsWith('--') && long.startsWith(name)
}
