import type { Clock } from '../../base/clock.ts'
import {
  ENFORCES_NOTHING,
  GUARD_PORT,
  type Backend,
  type BackendReport,
  type ExecChunk,
  type PodDoors,
  type PodExec,
  type PodFreezer,
  type PodLifecycle,
  type PodLogLine,
  type PodLogs,
  type PodTerminals,
} from '../../ports/pods.ts'
import { asFault, type Fault } from '../../base/fault.ts'
import { LineSplitter } from '../line-splitter.ts'
import { waker } from '../waker.ts'
import { openSocketDoor } from '../socket-door.ts'
import { MemoryPods, type MemoryPod } from './pods.ts'
import { isShell, runArgv, runScript } from './shell.ts'
import type { CommandContext } from './command-context.ts'
import { MemoryTerminal } from './terminal.ts'

/** The address of the door as the simulated commands see it. */
const DOOR = 'http://127.0.0.1:3000'

/**
 * Simulated pods, for the demo and for tests, which control them through `pods`. Their guard doors
 * are real.
 */
export function memoryBackend(options: { clock?: Clock } = {}): {
  backend: Backend
  pods: MemoryPods
} {
  const pods = new MemoryPods(options.clock)
  const backend: Backend = {
    kind: 'memory',
    lifecycle: lifecycle(pods),
    logs: logs(pods),
    exec: exec(pods),
    terminals: terminals(pods),
    doors: doors(pods),
    freezer: freezer(pods),
    stats: {
      async read(agents) {
        const running = agents
          .map((agent) => [agent, pods.find(agent)] as const)
          .filter(([, pod]) => pod?.state === 'running')
        return new Map(running.flatMap(([agent, pod]) => (pod ? [[agent, { ...pod.usage }]] : [])))
      },
    },
    async probe() {
      return REPORT
    },
    async sweep() {
      /* nothing outlives this process */
    },
    async [Symbol.asyncDispose]() {
      for (const agent of pods.names()) pods.end(agent, 143)
    },
  }
  return { backend, pods }
}

const REPORT: BackendReport = {
  kind: 'memory',
  ready: true,
  title: 'memory, simulated pods',
  version: '',
  rootless: true,
  isolation: 'container',
  enforces: ENFORCES_NOTHING,
  problems: [],
}

function lifecycle(pods: MemoryPods): PodLifecycle {
  return {
    async create(spec) {
      return pods.create(spec)
    },
    async start(agent) {
      if (pods.begin(agent)) runMain(pods, pods.running(agent))
      return pods.factsOf(agent)
    },
    async stop(agent) {
      pods.get(agent)
      pods.end(agent, 143)
    },
    async remove(agent) {
      pods.remove(agent)
    },
    async inspect(agent) {
      return pods.find(agent) && pods.factsOf(agent)
    },
    async list() {
      return pods.names().map((agent) => pods.factsOf(agent))
    },
    watch: (changed, signal) => pods.onChange(changed, signal),
  }
}

/**
 * Runs the pod's first process if it is a shell script. Anything else just keeps the pod running.
 */
function runMain(pods: MemoryPods, pod: MemoryPod): void {
  const { spec, life } = pod
  if (!isShell(spec.argv[0]) || spec.argv[1] !== '-c') return
  const write = (stream: PodLogLine['stream']): ((text: string) => void) => {
    const splitter = new LineSplitter()
    return (text) => {
      for (const line of splitter.push(text)) pods.log(spec.agent, line, stream)
    }
  }
  const context = placeIn(pods, pod, {
    out: write('stdout'),
    err: write('stderr'),
    signal: life.signal,
  })
  const end = (code: number): void => {
    if (!life.signal.aborted) pods.end(spec.agent, code)
  }
  runScript(context, spec.argv[2] ?? '').then(end, () => end(1))
}

function placeIn(
  pods: MemoryPods,
  pod: MemoryPod,
  {
    env = {},
    ...rest
  }: Pick<CommandContext, 'out' | 'err' | 'signal'> & Partial<Pick<CommandContext, 'env'>>,
): CommandContext {
  return {
    ...rest,
    spec: pod.spec,
    clock: pods.clock,
    env: { ...pod.spec.env, ...env },
    cwd: pod.spec.workdir,
    size: undefined,
    door: () => pod.door,
    held: () => pod.held?.promise,
    status: 0,
  }
}

function logs(pods: MemoryPods): PodLogs {
  return {
    async *read(agent, { tail, follow, signal }) {
      const pod = pods.get(agent)
      const changes = waker()
      const done = new AbortController()
      pods.onLine((name) => {
        if (name === agent) changes.wake()
      }, done.signal)
      signal.addEventListener('abort', changes.wake, { once: true })
      try {
        let next = pod.written - Math.min(Math.max(tail, 0), pod.lines.length)
        for (;;) {
          for (; next < pod.written && !signal.aborted; next++) {
            // A reader that was too slow continues with the oldest line that is left.
            next = Math.max(next, pod.written - pod.lines.length)
            const line = pod.lines[next - (pod.written - pod.lines.length)]
            if (line) yield line
          }
          if (!follow || signal.aborted || pods.find(agent) !== pod) return
          await changes.next()
        }
      } finally {
        done.abort()
        signal.removeEventListener('abort', changes.wake)
      }
    },
  }
}

function exec(pods: MemoryPods): PodExec {
  return {
    async *run(agent, argv, options) {
      const pod = pods.entered(agent)
      const done = new AbortController()
      const chunks: ExecChunk[] = []
      const changes = waker()
      const write =
        (stream: 'stdout' | 'stderr') =>
        (text: string): void => {
          chunks.push({ stream, data: Buffer.from(text) })
          changes.wake()
        }
      const context = placeIn(pods, pod, {
        env: options.env ?? {},
        out: write('stdout'),
        err: write('stderr'),
        signal: AbortSignal.any([options.signal, pod.life.signal, done.signal]),
      })
      options.signal.addEventListener('abort', changes.wake, { once: true })
      const end = (exitCode: number): void => {
        chunks.push({ exitCode: pod.life.signal.aborted ? 137 : exitCode })
        changes.wake()
      }
      runArgv(context, argv).then(end, () => end(1))
      try {
        while (!options.signal.aborted) {
          const chunk = chunks.shift()
          if (!chunk) {
            await changes.next()
            continue
          }
          yield chunk
          if ('exitCode' in chunk) return
        }
      } finally {
        done.abort()
        options.signal.removeEventListener('abort', changes.wake)
      }
    },
  }
}

function terminals(pods: MemoryPods): PodTerminals {
  const open = new Map<string, MemoryTerminal>()
  return {
    async open(agent, argv, size, env = {}) {
      const pod = pods.entered(agent)
      const context = placeIn(pods, pod, {
        env: { TERM: 'xterm-256color', ...env },
        out: () => undefined,
        err: () => undefined,
        signal: pod.life.signal,
      })
      const terminal = new MemoryTerminal(context, argv, size)
      open.set(terminal.handle, terminal)
      terminal.onExit(() => open.delete(terminal.handle))
      return terminal
    },
    async reap(_agent, handle) {
      await open.get(handle)?.kill()
    },
  }
}

function freezer(pods: MemoryPods): PodFreezer {
  const each = (agents: readonly string[], work: (agent: string) => void) => {
    const failed = new Map<string, Fault>()
    for (const agent of agents)
      try {
        work(agent)
      } catch (thrown) {
        failed.set(agent, asFault(thrown))
      }
    return failed
  }
  return {
    pause: async (agents) => each(agents, (agent) => pods.pause(agent)),
    resume: async (agents) =>
      each(agents, (agent) => {
        pods.running(agent)
        pods.resume(agent)
      }),
  }
}

function doors(pods: MemoryPods): PodDoors {
  return {
    async open(agent, { port, socketPath }, accept) {
      const pod = pods.running(agent)
      const door = await openSocketDoor(socketPath, accept)
      // Simulated commands ask, but reach nothing.
      if (port !== GUARD_PORT) return door
      pod.door = socketPath
      return {
        address: DOOR,
        async close() {
          if (pod.door === socketPath) pod.door = undefined
          await door.close()
        },
      }
    },
  }
}
