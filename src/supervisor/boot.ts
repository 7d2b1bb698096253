import { readFileSync } from 'node:fs'

/** Identifies this boot of the machine; '' where the system does not say. */
export function thisBoot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
