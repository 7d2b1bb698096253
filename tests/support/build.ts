import { execFileSync } from 'node:child_process'

/** Builds the program once before the suite: terminal tests and flows run what users run. */
export default function setup(): void {
  execFileSync('npm', ['run', 'build', '--silent'], {
    cwd: new URL('../..', import.meta.url),
    stdio: 'inherit',
  })
}
