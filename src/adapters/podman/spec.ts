import { readFileSync } from 'node:fs'
import type { PodSpec } from '../../ports/pods.ts'
import type { EngineFacts } from './engine.ts'
import { AGENT_LABEL, HOME_LABEL, type Names } from './names.ts'
import { processLimits } from './process-limits.ts'

const MIB = 1024 * 1024
const CPU_PERIOD = 100_000
const LOG_LIMIT = 32 * MIB
/**
 * The range of host ids that rootful pods' user namespaces are mapped to. Nothing else may use it.
 */
const ROOTFUL_IDS = { start: 300_000, size: 65_536 }
const ROOTFUL_USER = 1000

interface PodUser {
  /** The user inside the pod. */
  inside: string
  /** The same user on the host, who must own the folders that the pod may write to. */
  uid: number
  gid: number
}

/**
 * Rootless: the account that runs the deck, inside and outside. Rootful: an otherwise unused
 * account.
 */
export function podUser(facts: EngineFacts): PodUser {
  if (facts.info.host.security.rootless)
    return { inside: `${facts.uid}:${facts.gid}`, uid: facts.uid, gid: facts.gid }
  const id = ROOTFUL_IDS.start + ROOTFUL_USER
  return { inside: `${ROOTFUL_USER}:${ROOTFUL_USER}`, uid: id, gid: id }
}

/** Which limits the engine's control groups can enforce. */
export function enforcedLimits(facts: EngineFacts): {
  memory: boolean
  cpu: boolean
  pids: boolean
} {
  const has = (name: string): boolean => facts.info.host.cgroupControllers.includes(name)
  return { memory: has('memory'), cpu: has('cpu'), pids: has('pids') }
}

/** A pod's spec as a libpod SpecGenerator. Whatever the spec does not permit is denied. */
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

function rootfulIds(): Record<string, unknown> {
  const range = [{ container_id: 0, host_id: ROOTFUL_IDS.start, size: ROOTFUL_IDS.size }]
  return { HostUIDMapping: false, HostGIDMapping: false, UIDMap: range, GIDMap: range }
}

/** Only enforceable limits: the engine refuses or ignores others, and `probe` reports them. */
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
