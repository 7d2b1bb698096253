import { isIPv6 } from 'node:net'
import type { DoorPlace } from '../domain/doors/types.ts'

/** `192.168.1.5:7443`, and `[::1]:7443`. */
export function hostAndPort({ host, port }: DoorPlace): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`
}

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.')
}
