import { Fault } from '../../base/fault.ts'
import { newId } from '../../base/ids.ts'
import {
  ENFORCES_NOTHING,
  type Backend,
  type PodFacts,
  type PodLifecycle,
} from '../../ports/pods.ts'
import { OutsideRecords } from './records.ts'

interface OutsideOptions {
  root: string
  /** The socket where agents ask; null where only the page, while it is open, answers them. */
  door: string | null
}

/**
 * Agents that run somewhere else, and ask with signed requests. There is no pod: to start one is to
 * answer its questions from now on, to stop it is to refuse them.
 */
export function outsideBackend({ root, door }: OutsideOptions): Backend {
  const records = new OutsideRecords(root)
  return {
    kind: 'outside',
    lifecycle: outsideLifecycle(records),
    // What it writes is not seen here.
    logs: { async *read() {} },
    exec: {
      run: (agent) => refused(records, agent),
    },
    terminals: {
      async open(agent) {
        return notHere(records, agent)
      },
      async reap() {},
    },
    doors: {
      async open(agent) {
        return { address: `${door ?? ''}/v1/agents/${agent}`, async close() {} }
      },
    },
    stats: { read: async () => new Map() },
    async probe() {
      return {
        kind: 'outside',
        ready: true,
        rootless: true,
        isolation: 'elsewhere',
        title: 'outside of this deck',
        version: '',
        enforces: ENFORCES_NOTHING,
        problems:
          door === null
            ? [
                {
                  what: 'Agents outside of pods have no socket to ask at, and can only ask at the page',
                  fix: 'Set access.socket in config.yaml and restart the supervisor, or open the page: clawdeck access serve',
                },
              ]
            : [],
      }
    },
    async sweep() {},
    async [Symbol.asyncDispose]() {},
  }
}

function outsideLifecycle(records: OutsideRecords): PodLifecycle {
  const watchers = new Set<(agent: string) => void>()
  const put = (facts: PodFacts): PodFacts => {
    records.write(facts)
    for (const changed of watchers) changed(facts.agent)
    return records.get(facts.agent)
  }
  return {
    async create({ agent, labels }) {
      if (records.read(agent) !== undefined)
        throw new Fault('name.taken', `${agent} is registered already`, {
          hint: 'Remove it first.',
        })
      return put({ ...NOTHING_KNOWN, agent, id: newId('out'), labels })
    },
    async start(agent) {
      const facts = records.get(agent)
      return facts.state === 'running'
        ? facts
        : put({ ...facts, state: 'running', startedAt: Date.now() })
    },
    async stop(agent) {
      const facts = records.get(agent)
      if (facts.state === 'running') put({ ...facts, state: 'exited' })
    },
    async remove(agent) {
      if (records.read(agent) === undefined) return
      records.remove(agent)
      for (const changed of watchers) changed(agent)
    },
    inspect: async (agent) => records.read(agent),
    list: async () => records.names().flatMap((agent) => records.read(agent) ?? []),
    watch(changed, signal) {
      watchers.add(changed)
      signal.addEventListener('abort', () => watchers.delete(changed), { once: true })
    },
  }
}

const NOTHING_KNOWN: Omit<PodFacts, 'agent' | 'id' | 'labels'> = {
  state: 'created',
  paused: false,
  pid: undefined,
  startedAt: undefined,
  exitCode: undefined,
  imageDigest: '',
}

/** Refused when it is read, as the stream of a pod is. */
async function* refused(records: OutsideRecords, agent: string): AsyncGenerator<never> {
  yield notHere(records, agent)
}

function notHere(records: OutsideRecords, agent: string): never {
  records.get(agent)
  throw new Fault(
    'not.possible',
    `${agent} runs outside of this deck, which cannot reach into it`,
    {
      hint: 'Work with it where it runs. `clawdeck stop` refuses what it asks.',
    },
  )
}
