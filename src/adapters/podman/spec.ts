import { readFileSync } from 'node:fs'
import type { PodSpec } from '../../ports/pods.ts'
import type { EngineFacts } from './engine.ts'
import { AGENT_LABEL, HOME_LABEL, type Names } from './names.ts'

const MIB = 1024 * 1024
const CPU_PERIOD = 100_000
const LOG_LIMIT = 32 * MIB
/** Open files, and processes of the pods' user, that there may be at most; where the machine has less, less. */
const MOST_OF_ANY = 16_384
/** Rootful pods get a user namespace of their own: this range is theirs alone on the machine. */
const ROOTFUL_IDS = { start: 300_000, size: 65_536 }
const ROOTFUL_USER = 1000

export interface PodUser {
  /** The user inside the pod. */
  inside: string
  /** The same user as the machine sees it: who must own the folders that the pod may write to. */
  uid: number
  gid: number
}

/** Rootless: the person who runs the deck, the same in and out. Rootful: an unprivileged user that exists nowhere else. */
export function podUser(facts: EngineFacts): PodUser {
  if (facts.info.host.security.rootless)
    return { inside: `${facts.uid}:${facts.gid}`, uid: facts.uid, gid: facts.gid }
  const id = ROOTFUL_IDS.start + ROOTFUL_USER
  return { inside: `${ROOTFUL_USER}:${ROOTFUL_USER}`, uid: id, gid: id }
}

/** Which limits the engine's control groups really enforce. */
export function enforcedLimits(facts: EngineFacts): {
  memory: boolean
  cpu: boolean
  pids: boolean
} {
  const has = (name: string): boolean => facts.info.host.cgroupControllers.includes(name)
  return { memory: has('memory'), cpu: has('cpu'), pids: has('pids') }
}

/** The engine's own form (libpod SpecGenerator) of a pod's spec: everything closed that the spec does not open. */
export function containerOf(
  spec: PodSpec,
  facts: EngineFacts,
  names: Names,
  seccomp: string,
): Record<string, unknown> {
  const rootless = facts.info.host.security.rootless
  return {
    name: names.container(spec.agent),
    image: spec.imageDigest === '' ? spec.image : spec.imageDigest.replace(/^sha256:/, ''),
    entrypoint: [],
    command: spec.argv,
    work_dir: spec.workdir,
    env: spec.env,
    httpproxy: false,
    env_host: false,
    user: podUser(facts).inside,
    userns: { nsmode: rootless ? 'keep-id' : 'private' },
    ...(rootless ? {} : { idmappings: rootfulIds() }),
    netns: { nsmode: spec.network },
    ipcns: { nsmode: 'private' },
    pidns: { nsmode: 'private' },
    utsns: { nsmode: 'private' },
    hostname: spec.agent,
    cap_drop: ['ALL'],
    no_new_privileges: spec.noNewPrivileges,
    read_only_filesystem: spec.readOnlyRoot,
    seccomp_profile_path: seccomp,
    use_image_hosts: true,
    use_image_resolve_conf: true,
    systemd: 'false',
    image_volume_mode: 'ignore',
    mounts: [
      ...spec.mounts.map((mount) => ({
        type: 'bind',
        source: mount.source,
        destination: mount.target,
        options: ['rbind', 'nosuid', 'nodev', mount.readOnly ? 'ro' : 'rw'],
      })),
      ...spec.tmpfs.map((mount) => ({
        type: 'tmpfs',
        source: 'tmpfs',
        destination: mount.target,
        options: [`size=${mount.sizeMiB}m`, 'mode=1777', 'nosuid', 'nodev', 'notmpcopyup'],
      })),
    ],
    resource_limits: limitsOf(spec, facts),
    ...(facts.local ? { r_limits: processLimits(readFileSync('/proc/self/limits', 'utf8')) } : {}),
    labels: { ...spec.labels, [HOME_LABEL]: names.home, [AGENT_LABEL]: spec.agent },
    log_configuration: { driver: 'k8s-file', size: LOG_LIMIT },
  }
}

/**
 * The limits that a pod's processes start with: never above this machine's own (as `/proc/self/limits` tells them), which the
 * engine's defaults may be, and which nobody may raise without CAP_SYS_RESOURCE.
 */
export function processLimits(own: string): { type: string; soft: number; hard: number }[] {
  const hard = (name: string): number =>
    Number(new RegExp(`^${name}\\s+\\S+\\s+(\\d+)`, 'm').exec(own)?.[1] ?? MOST_OF_ANY)
  return [
    ['nofile', 'Max open files'],
    ['nproc', 'Max processes'],
  ].map(([type = '', name = '']) => {
    const most = Math.min(hard(name), MOST_OF_ANY)
    return { type, soft: most, hard: most }
  })
}

function rootfulIds(): Record<string, unknown> {
  const range = [{ container_id: 0, host_id: ROOTFUL_IDS.start, size: ROOTFUL_IDS.size }]
  return { HostUIDMapping: false, HostGIDMapping: false, UIDMap: range, GIDMap: range }
}

/** Only what can be enforced is asked for: the engine refuses or ignores the rest, and `probe` tells people which. */
function limitsOf(spec: PodSpec, facts: EngineFacts): Record<string, unknown> {
  const enforced = enforcedLimits(facts)
  const bytes = spec.limits.memoryMiB * MIB
  return {
    ...(enforced.memory ? { memory: { limit: bytes, swap: bytes } } : {}),
    ...(enforced.cpu
      ? {
          cpu: {
            period: CPU_PERIOD,
            quota: Math.max(1000, Math.round(spec.limits.cpus * CPU_PERIOD)),
          },
        }
      : {}),
    ...(enforced.pids ? { pids: { limit: spec.limits.pids } } : {}),
  }
}
