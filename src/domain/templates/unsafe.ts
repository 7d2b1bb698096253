import type * as z from 'zod'

/** Settings that templates must not contain, with the reason. */
interface Danger {
  keys: string[]
  why: string
  /** Values that are harmless, because they describe what is always so. */
  safe?: readonly unknown[]
}

const DANGERS: readonly Danger[] = [
  {
    keys: ['privileged'],
    why: 'a privileged pod has all rights of the container engine on this machine',
    safe: [false],
  },
  {
    keys: ['capabilities', 'capAdd', 'caps'],
    why: 'a pod has no kernel capabilities, because each of them can be used to leave the sandbox',
    safe: [[]],
  },
  { keys: ['capDrop'], why: 'every capability is dropped already', safe: [['ALL'], ['all']] },
  {
    keys: ['network', 'networks', 'networkMode', 'net'],
    why: 'a pod has no network except loopback: all traffic must go through the deck, which decides and records it',
    safe: ['none'],
  },
  {
    keys: ['ports', 'publish', 'expose'],
    why: 'a pod publishes no ports: it is reached through the deck only',
  },
  {
    keys: ['dns', 'dnsServers', 'addHosts', 'extraHosts'],
    why: 'a pod has no network, so it cannot look up names',
  },
  {
    keys: ['hostsFile', 'hosts', 'etcHosts'],
    why: "this machine's hosts file tells an agent the names of other machines",
    safe: [false, 'none'],
  },
  {
    keys: ['mounts', 'mount', 'volumes', 'volume', 'binds', 'bind', 'volumesFrom'],
    why: 'a pod has only its own workspace and state: other folders of this machine are outside of the sandbox',
    safe: [[]],
  },
  {
    keys: ['home', 'hostHome', 'mountHome'],
    why: 'your home folder contains your keys and history: an agent has its own home folder',
    safe: [false],
  },
  {
    keys: ['ssh', 'sshAgent', 'sshKeys', 'sshAuthSock'],
    why: 'with your SSH keys or agent, a pod could log in to other machines as you',
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
    why: 'with access to the container engine, a pod could start a container that controls this machine',
    safe: [false],
  },
  {
    keys: ['user', 'runAsUser', 'uid'],
    why: 'a pod runs as its unprivileged user (keep-id), never as root or another user',
    safe: ['keep-id'],
  },
  {
    keys: ['group', 'groups', 'groupAdd', 'gid'],
    why: 'a pod is in no groups of this machine, because some of them give root access',
    safe: [[]],
  },
  {
    keys: ['userns', 'usernsMode'],
    why: "the user namespace separates the pod's users from those of this machine",
    safe: ['keep-id'],
  },
  {
    keys: ['readOnlyRoot', 'readOnly', 'readOnlyRootfs', 'readOnlyRootFilesystem'],
    why: 'with a writable root an agent could replace the programs that guard it',
    safe: [true],
  },
  {
    keys: ['writableRoot', 'writable'],
    why: 'with a writable root an agent could replace the programs that guard it',
    safe: [false],
  },
  {
    keys: ['noNewPrivileges'],
    why: 'without it, a setuid program in the image could give the agent more rights',
    safe: [true],
  },
  {
    keys: ['allowPrivilegeEscalation', 'newPrivileges'],
    why: 'a setuid program in the image could give the agent more rights',
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
    why: 'the deck sets the system-call filter and similar options, the same for every pod',
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
    why: 'sharing a namespace with this machine lets an agent see or change what runs here',
    safe: [false, 'private'],
  },
  {
    keys: ['devices', 'device', 'gpus'],
    why: "a device gives access to this machine's kernel",
    safe: [[]],
  },
  {
    keys: ['sysctls', 'ulimits', 'cgroupParent', 'oomScoreAdj'],
    why: 'these settings affect more than the pod; use limits instead',
  },
  {
    keys: ['secrets', 'token', 'password', 'apiKey'],
    why: 'templates are copied, shown and signed, so they must not contain secrets',
  },
]

const BY_KEY = new Map(
  DANGERS.flatMap((danger) => danger.keys.map((key) => [squash(key), danger] as const)),
)

/** Below these keys, names are chosen by the author. */
const FREE = new Set(['env'])

/** Refuses dangerous settings anywhere in a template, each with the reason. */
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
    ? 'this cannot be set in a template: it is always so'
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
