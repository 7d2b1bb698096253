import type { BackendKind, PodSpec } from '../../ports/pods.ts'

/** A template as written (YAML) and checked. Names follow the file's keys. */
export interface Template {
  name: string
  description: string
  image: string
  runtime: Runtime
  limits: { memoryMiB: number; cpus: number; pids: number; tmpMiB: number }
  workspace: 'rw' | 'ro'
  env: Record<string, string>
  guard: GuardBounds
  /** Commands that go through the guard when typed or run in the pod, by leading words: `git push`. */
  gated: string[]
  /** Hosts the agent may ask to reach (`host:port`); nothing leaves without the egress proxy. */
  egress: string[]
  /** What goes into openclaw.json beyond the common part. */
  openclaw: OpenclawChoice
}

export interface Runtime {
  argv: string[]
}

export interface OpenclawChoice {
  displayName: string
  tools: { allow: string[]; deny: string[] }
  exec: Record<string, unknown>
  web: boolean
}

/** The signed, hard bounds of what the guard may ever answer for an agent. Nothing learned or clicked goes beyond them. */
export interface GuardBounds {
  /** Action types the agent may ask about at all; others are blocked. `*` for any. */
  types: string[]
  block: BoundPattern[]
  /** Always a person's decision: no policy, lease or rule may answer instead. */
  ask: BoundPattern[]
  /** Allowed without asking, unless something stricter matches. */
  allow: BoundPattern[]
  /** Above this risk (0–100) nothing but a person's yes allows. */
  maxAutoRisk: number
}

export interface BoundPattern {
  type: string
  target: string
  reason?: string
}

/** `policy.lock.json`: what was compiled, and the host key's word for it. Hashes are SHA-256 of canonical JSON, hex. */
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
  /** Base64 Ed25519 signature over the canonical JSON of everything above. */
  signature: string
}

/** One way in which what is there is not what was locked. */
export interface Drift {
  what: 'template' | 'spec' | 'openclaw.json' | 'image' | 'signature' | 'key' | 'lock'
  from: string
  to: string
}

export interface Compiled {
  template: Template
  /** Canonical JSON of the template, the text that is hashed. */
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

/** What an agent can and cannot do, in plain words. */
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
