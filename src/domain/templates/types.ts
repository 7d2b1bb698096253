import type { EgressBound } from '../egress/matching/types.ts'
import type { BackendKind, PodSpec } from '../../ports/pods.ts'
import type { PeopleKeys } from '../operators/people/types.ts'

/** A checked template. Names are those of the YAML file. */
export interface Template {
  name: string
  description: string
  image: string
  runtime: { argv: string[] }
  limits: { memoryMiB: number; cpus: number; pids: number; tmpMiB: number }
  workspace: 'rw' | 'ro'
  env: Record<string, string>
  guard: GuardBounds
  /**
   * Commands that ask the guard first when run by name in the pod, by leading words: `git push`.
   */
  gated: string[]
  /** Where the agent may ask to go through the gate. Empty: nothing leaves its pod. */
  egress: EgressBound[]
  /** The part of openclaw.json that templates choose. */
  openclaw: {
    displayName: string
    tools: { allow: string[]; deny: string[] }
    exec: Record<string, unknown>
    web: boolean
  }
}

/**
 * The signed bounds of what the guard may answer for an agent. Nothing learned or decided exceeds
 * them. Its people are asked for whatever a person decides about the agent.
 */
export interface GuardBounds extends PeopleKeys {
  /** Action types that the agent may ask about; others are blocked. `*` for any. */
  types: string[]
  block: BoundPattern[]
  /** Always needs approval: no policy, lease or rule answers instead. */
  ask: AskPattern[]
  /** Allowed without approval, unless something stricter matches. */
  allow: BoundPattern[]
  /** Actions with a risk (0–100) over this need approval. */
  maxAutoRisk: number
  /** The template's egress list; absent where nothing leaves the pod. */
  egress?: EgressBound[]
}

export interface BoundPattern {
  type: string
  target: string
  reason?: string
}

/** What needs approval, and of how many people if not of one. */
export type AskPattern = BoundPattern & PeopleKeys

/**
 * `policy.lock.json`: what was compiled, signed by the host key. Hashes are SHA-256 of canonical
 * JSON, hex.
 */
export interface PolicyLock {
  version: 1
  agent: string
  template: string
  backend: BackendKind
  templateHash: string
  specHash: string
  openclawHash: string
  imageDigest: string
  guard: GuardBounds
  gated: string[]
  createdAt: string
  /** `ed25519:` and the first 16 hex digits of the SHA-256 of the raw public key. */
  keyId: string
  /** Base64 Ed25519 signature of the canonical JSON of all other fields. */
  signature: string
}

/** One difference between an agent's files, or its image, and its lock. */
export interface Drift {
  what: 'template' | 'spec' | 'openclaw.json' | 'image' | 'signature' | 'key' | 'lock'
  from: string
  to: string
}

export interface Compiled {
  template: Template
  spec: PodSpec
  openclaw: Record<string, unknown>
  lock: PolicyLock
}

export interface TemplateSummary {
  name: string
  description: string
  origin: 'built-in' | 'yours'
  path: string
  problem?: string
}

/** What an agent can and cannot do, in sentences for people. */
export interface Explanation {
  agent: string
  can: string[]
  asks: string[]
  cannot: string[]
  notEnforced: string[]
}

export interface Templates {
  list(): Promise<TemplateSummary[]>
  show(name: string): Promise<{ template: Template; path: string; text: string }>
}
