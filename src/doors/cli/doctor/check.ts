import { execFile } from 'node:child_process'

/**
 * The result of one check. `bad` makes the doctor fail; `poor` works with limits. `fix` is what to
 * do.
 */
export interface Check {
  name: string
  state: 'good' | 'poor' | 'bad'
  what: string
  fix?: string
}

export const good = (name: string, what: string): Check => ({ name, state: 'good', what })
export const poor = (name: string, what: string, fix: string): Check => ({
  name,
  state: 'poor',
  what,
  fix,
})
export const bad = (name: string, what: string, fix: string): Check => ({
  name,
  state: 'bad',
  what,
  fix,
})

/** The output of a program; undefined when it does not exist, fails or takes longer than 10 s. */
export function output(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: 10_000, maxBuffer: 4 * 1024 * 1024 }, (error, stdout) =>
      resolve(error === null ? stdout.trim() : undefined),
    )
  })
}
