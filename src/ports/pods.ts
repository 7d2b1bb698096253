import type { Server, Socket } from 'node:net'

/**
 * What the deck needs from whatever runs agents, by ability. Names are agent names; a backend maps them to its own.
 * Every method rejects with a Fault: `backend.unavailable` (the engine is not there), `backend.failed` (it refused, with
 * its own words in the message), `not.found`.
 */
export interface Backend {
  readonly kind: BackendKind
  readonly lifecycle: PodLifecycle
  readonly logs: PodLogs
  readonly exec: PodExec
  readonly terminals: PodTerminals
  readonly doors: PodDoors
  readonly stats: PodStats
  /** Absent where pods are made without images. */
  readonly images?: PodImages
  /** What this backend is and can enforce here. Never rejects: an absent engine is a report with `ready: false`. */
  probe(): Promise<BackendReport>
  /** Sweeps what a crash left behind (orphans, stale sockets). Safe at any time. */
  sweep(): Promise<void>
  close(): Promise<void>
}

export type BackendKind = 'podman' | 'local' | 'memory'

/** How far the pod is from the host: a container, a bubblewrap sandbox, or nothing but its own folders. */
export type Isolation = 'container' | 'sandbox' | 'none'

export interface BackendReport {
  kind: BackendKind
  ready: boolean
  /** One line for people: `podman 4.3.1 rootless`, `local bubblewrap 0.8`, `local, not isolated`. */
  title: string
  version: string
  rootless: boolean
  isolation: Isolation
  /** Which limits the engine really enforces here. */
  enforces: {
    memory: boolean
    cpu: boolean
    pids: boolean
    seccomp: boolean
    network: boolean
    readOnlyRoot: boolean
  }
  /** Why it is not ready or what it cannot do, each with a fix. */
  problems: { what: string; fix: string }[]
}

/** The compiled container spec: everything a pod is started from, and nothing else (`container-spec.json`). */
export interface PodSpec {
  agent: string
  image: string
  /** Content id of the image (`sha256:…`), or '' where the backend has no images. */
  imageDigest: string
  argv: string[]
  env: Record<string, string>
  workdir: string
  /** Host folder → pod path. Only the agent's own folders ever appear here. */
  mounts: { source: string; target: string; readOnly: boolean }[]
  tmpfs: { target: string; sizeMiB: number }[]
  limits: { memoryMiB: number; cpus: number; pids: number }
  user: 'keep-id'
  readOnlyRoot: true
  network: 'none'
  capabilities: []
  noNewPrivileges: true
  seccomp: 'deck-default'
  labels: Record<string, string>
}

export interface PodFacts {
  agent: string
  /** The backend's own id of this pod; changes when it is recreated. */
  id: string
  state: 'created' | 'running' | 'exited'
  /** Host process id of the pod's first process, where there is one. */
  pid: number | undefined
  startedAt: number | undefined
  exitCode: number | undefined
  imageDigest: string
  labels: Record<string, string>
}

export interface PodLifecycle {
  create(spec: PodSpec): Promise<PodFacts>
  start(agent: string): Promise<PodFacts>
  /** TERM, then KILL after `graceMs`. Stopping a stopped pod is no error. */
  stop(agent: string, graceMs: number): Promise<void>
  remove(agent: string): Promise<void>
  inspect(agent: string): Promise<PodFacts | undefined>
  /** Every pod of this deck home, whoever started it. */
  list(): Promise<PodFacts[]>
  /** Pushes the name of each pod whose facts changed (started, exited, removed), until aborted. */
  watch(changed: (agent: string) => void, signal: AbortSignal): void
}

export interface LogLine {
  at: number
  stream: 'stdout' | 'stderr'
  text: string
}

export interface PodLogs {
  /** The last `tail` lines, oldest first, then with `follow` each new one as it is written, until aborted. */
  read(
    agent: string,
    options: { tail: number; follow: boolean; signal: AbortSignal },
  ): AsyncIterable<LogLine>
}

export type ExecChunk = { stream: 'stdout' | 'stderr'; data: Uint8Array } | { exitCode: number }

export interface PodExec {
  /** Runs argv in the running pod. The last chunk is the exit code. Aborting kills the process in the pod. */
  run(
    agent: string,
    argv: readonly string[],
    options: { signal: AbortSignal; env?: Record<string, string>; stdin?: Uint8Array },
  ): AsyncIterable<ExecChunk>
}

/** One PTY in a pod. Its output waits (bounded by the kernel) until `onData` is set and while `paused`. */
export interface PodTerminal {
  onData(take: (data: Uint8Array) => void): void
  onExit(take: (exitCode: number) => void): void
  write(data: Uint8Array): void
  resize(columns: number, rows: number): void
  pause(): void
  resume(): void
  /** Ends every process of this terminal in the pod, and answers when none is left. */
  kill(): Promise<void>
  /** The engine's own handle, kept so that leftovers can be ended after a crash. */
  readonly handle: string
}

/** What a terminal runs when nobody says otherwise: the best shell that the pod has. */
export const LOGIN_SHELL: readonly string[] = [
  '/bin/sh',
  '-c',
  'command -v bash >/dev/null 2>&1 && exec bash -l || exec sh -l',
]

export interface PodTerminals {
  open(
    agent: string,
    argv: readonly string[],
    size: { columns: number; rows: number },
    env?: Record<string, string>,
  ): Promise<PodTerminal>
  /** Ends what an earlier supervisor's terminal left in the pod. Unknown handles are no error. */
  reap(agent: string, handle: string): Promise<void>
}

export interface PodDoors {
  /**
   * Opens the guard door of a running pod: connections that the pod makes to it arrive as `connection` on the answered
   * server. Where the pod has its own network namespace that is 127.0.0.1:3000 inside it, placed from outside;
   * elsewhere the Unix socket at `socketPath`. The address as seen from inside is `address`.
   */
  open(agent: string, socketPath: string, accept: (socket: Socket) => void): Promise<PodDoor>
}

export interface PodDoor {
  server: Server
  address: string
  close(): Promise<void>
}

export interface PodUsage {
  cpuPercent: number
  memoryBytes: number
  pids: number
}

export interface PodStats {
  /** Usage now, for those of `agents` that run. CPU is percent of one core since the last call. */
  read(agents: readonly string[]): Promise<Map<string, PodUsage>>
}

export interface PodImages {
  /** Content id of an image, or undefined when it is not there. */
  digest(image: string): Promise<string | undefined>
  /** Builds the agent image, yielding what the builder says, line by line. */
  build(request: ImageRequest, signal: AbortSignal): AsyncIterable<string>
}

/** `base` is an image reference, or `scratch` for the base made from this machine's busybox and Node, no registry needed. */
export interface ImageRequest {
  tag: string
  base: string
  noCache: boolean
  contextDir: string
}
