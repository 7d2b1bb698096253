import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { localBackend } from '../../src/adapters/local/backend.ts'
import type { Backend } from '../../src/ports/pods.ts'
import { collect } from '../contracts/pod-fixture.ts'
import { podSpec } from './pod-spec.ts'

/** Whether sandboxes work on this machine. */
export const SANDBOXED =
  (await localBackend({ root: tmpdir(), run: tmpdir(), env: process.env }).probe()).isolation ===
  'sandbox'

export const live = (): AbortSignal => new AbortController().signal

export interface LocalFixture {
  /** The deck home of the current test. */
  readonly root: string
  /** The folder of an agent's pod. */
  podFolder(agent: string): string
  backend(plain: boolean): Backend
  /** Creates and starts a pod. */
  up(pods: Backend, agent: string): Promise<void>
}

/** Gives each test of a file a deck home of its own, and removes the pods in it afterwards. */
export function localFixture(): LocalFixture {
  let root = ''
  let opened: Backend[] = []
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'deck-'))
    opened = []
  })
  afterEach(async () => {
    for (const backend of opened) {
      for (const { agent } of await backend.lifecycle.list()) await backend.lifecycle.remove(agent)
      await backend[Symbol.asyncDispose]()
    }
    rmSync(root, { recursive: true, force: true })
  })
  return {
    get root() {
      return root
    },
    podFolder: (agent) => join(root, 'local', 'pods', agent),
    backend(plain) {
      const made = localBackend({ root, run: join(root, 'run'), env: process.env, plain })
      opened.push(made)
      return made
    },
    async up(pods, agent) {
      await pods.lifecycle.create(podSpec(root, agent))
      await pods.lifecycle.start(agent)
    },
  }
}

/** Runs a script in a pod. */
export function sh(
  pods: Backend,
  agent: string,
  script: string,
): Promise<{ stdout: string; stderr: string; exitCode: number | undefined }> {
  return collect(pods.exec.run(agent, ['/bin/sh', '-c', script], { signal: live() }))
}
