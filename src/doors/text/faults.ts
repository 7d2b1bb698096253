import { asFault } from '../../base/fault.ts'

/** What went wrong, then what to do: `podman does not answer. Run clawdeck doctor.` */
export function faultText(thrown: unknown): string {
  const { message, hint } = asFault(thrown)
  if (hint === undefined) return message
  return /[.!?]$/.test(message) ? `${message} ${hint}` : `${message}. ${hint}`
}
