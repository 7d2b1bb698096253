import { execFile } from 'node:child_process'

/** What was looked at and how it stands. `bad` makes the doctor fail; `poor` works, with less. A fix is what to type or do. */
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

/** What a program prints, or undefined when it is not there, fails or takes longer than 10 s. */
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
