import { asFault, Fault } from '../base/fault.ts'
import {
  ENFORCES_NOTHING,
  type Backend,
  type BackendKind,
  type BackendReport,
} from '../ports/pods.ts'
import type { Backends } from '../ports/backends.ts'

export async function openBackends(
  list: readonly Backend[],
  wanted: BackendKind | 'auto',
): Promise<Backends> {
  const byKind = new Map(list.map((backend) => [backend.kind, backend]))
  let reports = new Map<BackendKind, BackendReport>()
  const probe = async () => {
    reports = new Map(
      await Promise.all(
        list.map(async (backend) => [backend.kind, await backend.probe()] as const),
      ),
    )
  }
  await probe()
  return {
    of: (kind) => byKind.get(kind) ?? absentBackend(kind),
    report: (kind) => reports.get(kind) ?? absent(kind),
    preferred: () =>
      wanted === 'auto'
        ? (list.find((backend) => reports.get(backend.kind)?.ready === true)?.kind ?? 'local')
        : wanted,
    all: () => [...list],
    async pods(log) {
      const quiet = (backend: Backend) =>
        backend.lifecycle.list().catch((thrown: unknown) => {
          log(`listing the pods of ${backend.kind}: ${asFault(thrown).message}`)
          return []
        })
      const lists = await Promise.all(
        list.filter(({ kind }) => reports.get(kind)?.ready === true).map(quiet),
      )
      return new Map(lists.flat().map((facts) => [facts.agent, facts]))
    },
    probe,
    async [Symbol.asyncDispose]() {
      await Promise.all(list.map((backend) => backend[Symbol.asyncDispose]()))
    },
  }
}

function absentBackend(kind: BackendKind): never {
  throw new Fault('backend.unavailable', `this deck does not run agents on ${kind}`, {
    hint: wayTo(kind),
  })
}

function absent(kind: BackendKind): BackendReport {
  return {
    kind,
    ready: false,
    title: `${kind} is not part of this deck`,
    version: '',
    rootless: false,
    isolation: 'none',
    enforces: ENFORCES_NOTHING,
    problems: [{ what: `this deck does not run agents on ${kind}`, fix: wayTo(kind) }],
  }
}

function wayTo(kind: BackendKind): string {
  return kind === 'memory'
    ? 'It is for the demo: clawdeck demo'
    : 'Let config.yaml say `backend: auto`, then restart the supervisor: clawdeck supervisor stop'
}
