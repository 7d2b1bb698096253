import type { Socket } from 'node:net'
import type { Fault } from '../base/fault.ts'

/**
 * What the deck needs from whatever runs agents, by ability. Names are agent names; a backend maps
 * them to its own. Every method rejects with a Fault: `backend.unavailable` (the engine does not
 * answer), `backend.failed` (it refused, with its own message), `not.found`.
 */
export interface Backend extends AsyncDisposable {
  readonly kind: BackendKind
  readonly lifecycle: PodLifecycle
  readonly logs: PodLogs
  readonly exec: PodExec
  readonly terminals: PodTerminals
  readonly doors: PodDoors
  readonly stats: PodStats
  /** Absent where there is no pod whose processes could be held. */
  readonly freezer?: PodFreezer
  /** Absent where pods are made without images. */
  readonly images?: PodImages
  /**
   * What this backend is and can enforce here. Never rejects: a missing engine gives `ready:
   * false`.
   */
  probe(): Promise<BackendReport>
  /** Removes what a crash left behind (orphans, stale sockets). Safe at any time. */
  sweep(): Promise<void>
}

export type BackendKind = 'podman' | 'local' | 'memory' | 'outside'

/**
 * How pods are isolated from the host: containers, bubblewrap sandboxes, or only folders of their
 * own. `elsewhere`: there is no pod, and nothing but what the agent asks is governed.
 */
export type Isolation = 'container' | 'sandbox' | 'none' | 'elsewhere'

export interface BackendReport {
  kind: BackendKind
  ready: boolean
  /**
   * One line for people: `podman 4.3.1 rootless`, `local bubblewrap 0.8`, `local, not isolated`.
   */
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
  /** Why it is not ready, or what it cannot do, each with a fix. */
  problems: { what: string; fix: string }[]
}

/** What a backend says that has no engine to set limits. */
export const ENFORCES_NOTHING: BackendReport['enforces'] = {
  memory: false,
  cpu: false,
  pids: false,
  seccomp: false,
  network: false,
  readOnlyRoot: false,
}

/** The compiled container spec (`container-spec.json`): all that a pod is created from. */
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
  /** The backend's own id of this pod. It changes when the pod is created again. */
  id: string
  state: 'created' | 'running' | 'exited'
  /** It runs, and all of its processes are held where they are. */
  paused: boolean
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
  /**
   * TERM, then KILL after `graceMs`. Stopping a stopped pod is not an error. A paused pod is
   * killed: nothing of it runs any more.
   */
  stop(agent: string, graceMs: number): Promise<void>
  remove(agent: string): Promise<void>
  inspect(agent: string): Promise<PodFacts | undefined>
  /** All pods of this deck home, whoever started them. */
  list(): Promise<PodFacts[]>
  /** Calls `changed` for each pod whose facts changed (started, exited, removed), until aborted. */
  watch(changed: (agent: string) => void, signal: AbortSignal): void
}

/** Holds pods where they are. Many at once, since a freeze has to be quick. */
export interface PodFreezer {
  /**
   * Resolves when no process of these pods runs any more. Pausing a paused pod again also holds
   * what has got into it since. Answers those that could not be paused, each with why: `not.found`,
   * `not.possible` for one that does not run.
   */
  pause(agents: readonly string[]): Promise<ReadonlyMap<string, Fault>>
  /** Lets paused pods go on; others stay as they are. Answers those that could not go on. */
  resume(agents: readonly string[]): Promise<ReadonlyMap<string, Fault>>
}

export interface PodLogLine {
  at: number
  stream: 'stdout' | 'stderr'
  text: string
}

/**
 * The output of a pod, which the backend keeps within bounds whatever the pod writes: old output is
 * dropped, long lines are cut, and the pod has no access to what is kept.
 */
export interface PodLogs {
  /**
   * The last `tail` lines, oldest first, then with `follow` each new one as it is written, until
   * aborted. Where a follower was too slow for what was kept, a line says so.
   */
  read(
    agent: string,
    options: { tail: number; follow: boolean; signal: AbortSignal },
  ): AsyncIterable<PodLogLine>
}

export type ExecChunk = { stream: 'stdout' | 'stderr'; data: Uint8Array } | { exitCode: number }

export interface PodExec {
  /**
   * Runs a command in the running pod. The last chunk is the exit code. Aborting kills the process.
   */
  run(
    agent: string,
    argv: readonly string[],
    options: { signal: AbortSignal; env?: Record<string, string>; stdin?: Uint8Array },
  ): AsyncIterable<ExecChunk>
}

/**
 * One PTY in a pod. Until `onData` is called, and while paused, the kernel buffers a bounded
 * amount.
 */
export interface PodTerminal {
  onData(take: (data: Uint8Array) => void): void
  onExit(take: (exitCode: number) => void): void
  write(data: Uint8Array): void
  resize(columns: number, rows: number): void
  pause(): void
  resume(): void
  /** Kills every process of this terminal in the pod. Resolves when none is left. */
  kill(): Promise<void>
  /** The engine's own handle, to kill what is left of the terminal after a crash. */
  readonly handle: string
}

/** The default command of a terminal: the best shell that the pod has. */
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
  /** Kills what an earlier supervisor's terminal left in the pod. Unknown handles are ignored. */
  reap(agent: string, handle: string): Promise<void>
}

/** Where a door of a pod listens: on the pod's own loopback, or else at a Unix socket. */
export interface PodDoorPlace {
  port: number
  socketPath: string
}

/** The port of the guard door, and of the gate. */
export const GUARD_PORT = 3000
export const GATE_PORT = 3128
/** The gate as programs in a pod name it. */
export const GATE_URL = `http://127.0.0.1:${GATE_PORT}`

export interface PodDoors {
  /**
   * Opens a door of a running pod and calls `accept` with each connection the pod makes to it.
   * Where the pod has its own network namespace the door listens on 127.0.0.1 inside it, placed
   * from outside; otherwise at the Unix socket.
   */
  open(agent: string, place: PodDoorPlace, accept: (socket: Socket) => void): Promise<PodDoor>
  /**
   * Which process of the pod has a connection from this port of its loopback: its command line, as
   * far as that can be found out. Absent where it cannot.
   */
  processAt?(agent: string, port: number): Promise<string | undefined>
}

export interface PodDoor {
  /** As seen from inside the pod. */
  address: string
  close(): Promise<void>
}

export interface PodUsage {
  cpuPercent: number
  memoryBytes: number
  pids: number
}

export interface PodStats {
  /**
   * Current usage of those of `agents` that run. CPU is in percent of one core since the last call.
   */
  read(agents: readonly string[]): Promise<Map<string, PodUsage>>
}

export interface PodImages {
  /** Content id of an image, or undefined when it does not exist. */
  digest(image: string): Promise<string | undefined>
  /** Builds the agent image, yielding the builder's output line by line. */
  build(request: ImageRequest, signal: AbortSignal): AsyncIterable<string>
}

/**
 * `base` is an image reference, or `scratch` for a base made of this machine's busybox and Node.
 */
export interface ImageRequest {
  tag: string
  base: string
  noCache: boolean
  contextDir: string
}
