import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { GATE_URL, type PodSpec } from '../../ports/pods.ts'
import type { Mode } from './record.ts'

/**
 * Replaces the init program of an image: creates the home, and runs the agent runtime if it is
 * installed, or else waits until the pod is stopped. Without a sandbox the folders that the runtime
 * needs do not exist, so it is not started.
 */
const KEEP_ALIVE = [
  'mkdir -p "$HOME" 2>/dev/null',
  'if command -v openclaw >/dev/null 2>&1 && [ -w /run/boot ]; then',
  '  (umask 077; head -c 32 /dev/urandom | base64 > /run/boot/gateway-token)',
  '  exec openclaw gateway',
  'fi',
  'echo "clawdeck: no agent runtime is installed; the pod is idle"',
  "trap 'kill $! 2>/dev/null; exit 0' TERM INT",
  'while :; do sleep 86400 & wait $!; done',
].join('\n')

/**
 * What the pod runs: the spec's argv, or the replacement where its program exists in images only.
 */
export function payloadOf(spec: PodSpec, mode: Mode): string[] {
  const [program = ''] = spec.argv
  const argv = exists(spec, program) ? spec.argv : ['/bin/sh', '-c', KEEP_ALIVE]
  return mode === 'none' ? argv.map((word) => onHost(spec, word)) : argv
}

function exists(spec: PodSpec, program: string): boolean {
  if (!program.startsWith('/')) return program !== ''
  const path = onHost(spec, program)
  return (path !== program || /^\/(usr|bin|sbin|lib)\//.test(program)) && existsSync(path)
}

/** The host path for a path in the pod. */
function onHost(spec: PodSpec, path: string): string {
  for (const { source, target } of spec.mounts) {
    if (path === target) return source
    if (path.startsWith(`${target}/`)) return join(source, path.slice(target.length))
  }
  return path
}

/** The environment of all processes in the pod. Without a sandbox its paths are host paths. */
export function environmentOf(
  spec: PodSpec,
  mode: Mode,
  more: Record<string, string> = {},
): Record<string, string> {
  if (mode === 'sandbox') return { ...spec.env, ...more }
  // Without a network namespace there is no gate, and programs must not look for one.
  const own = Object.entries(spec.env).filter(([, value]) => value !== GATE_URL)
  const mapped = own.map(
    ([name, value]) =>
      [
        name,
        value
          .split(':')
          .map((part) => onHost(spec, part))
          .join(':'),
      ] as const,
  )
  return { ...Object.fromEntries(mapped), ...more }
}
