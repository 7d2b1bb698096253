/**
 * Commands of sed that print, delete, move about and substitute; with flags that do no more than
 * that.
 */
const SED_PLAIN =
  /(?:[\s;{}]|#[^\n]*|(?:\d+|\$|\/(?:[^/\\\n]|\\.)*\/[IM]*|[~+]\d+)(?:,[~+]?(?:\d+|\$|\/(?:[^/\\\n]|\\.)*\/[IM]*))?\s*!?\s*(?=[a-zA-Z={}])|[=dDgGhHlnNpPqQxz](?:\s*\d+)?(?=[\s;}]|$)|[bTt:]\s*\w*(?=[\s;}]|$)|[aic]\\?[^\n]*(?:\n|$)|y\/(?:[^/\\]|\\.)*\/(?:[^/\\]|\\.)*\/|s([/|#,@:!%_~])(?:(?!\1)[^\\\n]|\\[\s\S])*\1(?:(?!\1)[^\\]|\\[\s\S])*\1[gpiIM\d]*(?=[\s;}]|$))/y

/** Whether a script of sed's starts no program and opens no file. */
export function sedIsPlain(script: string): boolean {
  for (let at = 0; at < script.length; at = SED_PLAIN.lastIndex) {
    SED_PLAIN.lastIndex = at
    if (!SED_PLAIN.test(script)) return false
  }
  return true
}

/** Whether a program of awk's only reads what it is given, and prints. */
export function awkIsPlain(program: string): boolean {
  const bare = program.replace(/"(?:[^"\\\n]|\\.)*"/g, '""').replace(/#[^\n]*/g, '')
  if (/\b(?:system|getline|close)\b|@/.test(bare)) return false
  const without = bare.replace(/\|\|/g, ' ').replace(/\/(?:[^/\\\n]|\\.)+\//g, '//')
  return !without.includes('|') && !/\bprintf?\b[^;}\n]*>/.test(without)
}
