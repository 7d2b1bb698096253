import { Fault } from '../base/fault.ts'

const NAME = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/

/** Whether this can be the name of a pod, and so of a file. */
export function isPodName(name: string): boolean {
  return NAME.test(name)
}

/** The name, if it is one. Fault `input.invalid`. */
export function requirePodName(name: string): string {
  if (isPodName(name)) return name
  throw new Fault('input.invalid', 'This is not a valid pod name', {
    hint: 'Use 1 to 32 of a–z, 0–9 and -, beginning with a letter.',
  })
}
