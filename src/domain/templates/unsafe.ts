import type * as z from 'zod'

/** What a template may never ask for, by key: why not, and whether writing the safe value is harmless. */
interface Danger {
  keys: string[]
  why: string
  safe?: readonly unknown[]
}

const DANGERS: readonly Danger[] = [
  {
    keys: ['privileged'],
    why: 'a privileged pod has every right of the engine over this machine',
    safe: [false],
  },
  {
    keys: ['capabilities', 'capAdd', 'caps'],
    why: 'a pod runs with no kernel capabilities at all: each of them is a way around the sandbox',
    safe: [[]],
  },
  { keys: ['capDrop'], why: 'every capability is dropped already', safe: [['ALL'], ['all']] },
  {
    keys: ['network', 'networks', 'networkMode', 'net'],
    why: 'a pod has no network but its own loopback: whatever leaves has to go through the deck, where it is decided and recorded',
    safe: ['none'],
  },
  {
    keys: ['ports', 'publish', 'expose'],
    why: 'a pod publishes no ports: nothing reaches it except through the deck',
  },
  {
    keys: ['dns', 'dnsServers', 'addHosts', 'extraHosts'],
    why: 'a pod has no network, so no names to look up',
  },
  {
    keys: ['hostsFile', 'hosts', 'etcHosts'],
    why: 'the hosts file of this machine tells an agent the names of its neighbours',
    safe: [false, 'none'],
  },
  {
    keys: ['mounts', 'mount', 'volumes', 'volume', 'binds', 'bind', 'volumesFrom'],
    why: 'a pod sees its own workspace and state only: a mounted folder of this machine is out of the sandbox',
    safe: [[]],
  },
  {
    keys: ['home', 'hostHome', 'mountHome'],
    why: 'your home folder holds your keys and history: an agent has a home of its own',
    safe: [false],
  },
  {
    keys: ['ssh', 'sshAgent', 'sshKeys', 'sshAuthSock'],
    why: 'with your SSH keys or agent, the pod could become you on other machines',
    safe: [false],
  },
  {
    keys: [
      'engineSocket',
      'podmanSocket',
      'dockerSocket',
      'containerSocket',
      'dockerSock',
      'podmanSock',
      'sockets',
    ],
    why: 'who can talk to the container engine can start a container that owns this machine',
    safe: [false],
  },
  {
    keys: ['user', 'runAsUser', 'uid'],
    why: 'a pod runs as its one unprivileged user (keep-id), never as root or someone else',
    safe: ['keep-id'],
  },
  {
    keys: ['group', 'groups', 'groupAdd', 'gid'],
    why: 'a pod joins no groups of this machine: some of them are as good as root',
    safe: [[]],
  },
  {
    keys: ['userns', 'usernsMode'],
    why: 'the user namespace is what keeps the pod from being anyone here',
    safe: ['keep-id'],
  },
  {
    keys: ['readOnlyRoot', 'readOnly', 'readOnlyRootfs', 'readOnlyRootFilesystem'],
    why: 'with a writable root the agent could replace the very programs that guard it',
    safe: [true],
  },
  {
    keys: ['writableRoot', 'writable'],
    why: 'with a writable root the agent could replace the very programs that guard it',
    safe: [false],
  },
  {
    keys: ['noNewPrivileges'],
    why: 'without it a setuid program in the image would give the agent more rights than it was started with',
    safe: [true],
  },
  {
    keys: ['allowPrivilegeEscalation', 'newPrivileges'],
    why: 'a setuid program in the image would give the agent more rights than it was started with',
    safe: [false],
  },
  {
    keys: [
      'seccomp',
      'seccompProfile',
      'securityOpt',
      'securityOpts',
      'apparmor',
      'selinux',
      'securityContext',
    ],
    why: "the system-call filter and its kin are the deck's own and the same for every pod",
    safe: ['deck-default'],
  },
  {
    keys: [
      'pid',
      'pidMode',
      'hostPid',
      'pidns',
      'ipc',
      'ipcMode',
      'hostIpc',
      'uts',
      'cgroupns',
      'hostNetwork',
    ],
    why: 'sharing a namespace with this machine lets the agent see or touch what runs here',
    safe: [false, 'private'],
  },
  {
    keys: ['devices', 'device', 'gpus'],
    why: 'a device is a door into the kernel of this machine',
    safe: [[]],
  },
  {
    keys: ['sysctls', 'ulimits', 'cgroupParent', 'oomScoreAdj'],
    why: 'these knobs reach past the pod; use limits instead',
  },
  {
    keys: ['secrets', 'token', 'password', 'apiKey'],
    why: 'templates are copied, shown and signed: a secret written here is no secret any more',
  },
]

const BY_KEY = new Map(
  DANGERS.flatMap((danger) => danger.keys.map((key) => [squash(key), danger] as const)),
)

/** Keys under which every name is the author's own, not a setting of ours. */
const FREE = new Set(['env'])

/** Refuses dangerous wishes wherever they are written in a template, each with the reason, before any other check. */
export function refuseUnsafe(template: unknown, context: z.core.$RefinementCtx): void {
  walk(template, [], context)
}

function walk(value: unknown, path: PropertyKey[], context: z.core.$RefinementCtx): void {
  if (typeof value !== 'object' || value === null || path.length > 6) return
  for (const [key, inner] of Object.entries(value)) {
    const here = [...path, Array.isArray(value) ? Number(key) : key]
    const danger = Array.isArray(value) ? undefined : BY_KEY.get(squash(key))
    if (danger !== undefined) context.addIssue(refusal(danger, here, inner))
    else if (!FREE.has(key)) walk(inner, here, context)
  }
}

function refusal(
  danger: Danger,
  path: PropertyKey[],
  value: unknown,
): { code: 'custom'; path: PropertyKey[]; message: string; params: Record<string, unknown> } {
  const harmless =
    danger.safe?.some((safe) => JSON.stringify(safe) === JSON.stringify(value)) === true
  const message = harmless
    ? 'a template has no say in this: it is always so'
    : `refused: ${danger.why}`
  return {
    code: 'custom',
    path,
    message,
    params: { fix: 'Remove this key.', atKey: true, refusal: !harmless },
  }
}

function squash(key: string): string {
  return key.toLowerCase().replace(/[-_ .]/g, '')
}
