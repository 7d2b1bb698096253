import { GATE_URL, type BackendKind, type PodSpec } from '../../ports/pods.ts'
import { BOOT_FOLDER, openclawConfig } from './openclaw.ts'
import type { Compiled, Template } from './types.ts'

/** What a template is compiled for. */
export interface CompileTarget {
  agent: string
  backend: BackendKind
  /** Content id of the template's image, or '' where the backend has no images. */
  imageDigest: string
  /** The agent's folders and its openclaw.json, as absolute host paths. */
  folder: { workspace: string; state: string; bin: string; openclaw: string }
}

/** Compiles a template to a container spec and openclaw.json. Pure and deterministic. */
export function compile(template: Template, target: CompileTarget): Omit<Compiled, 'lock'> {
  return {
    template,
    spec: podSpec(template, target),
    openclaw: openclawConfig(target.agent, template),
  }
}

function podSpec(template: Template, { agent, imageDigest, folder }: CompileTarget): PodSpec {
  const { memoryMiB, cpus, pids, tmpMiB } = template.limits
  return {
    agent,
    image: template.image,
    imageDigest,
    argv: [...template.runtime.argv],
    env: { ...template.env, ...podEnv(agent), ...(template.egress.length > 0 ? gateEnv() : {}) },
    workdir: '/workspace',
    mounts: [
      { source: folder.workspace, target: '/workspace', readOnly: template.workspace === 'ro' },
      { source: folder.state, target: '/state', readOnly: false },
      { source: folder.bin, target: '/opt/deck/bin', readOnly: true },
      { source: folder.openclaw, target: '/policy/openclaw.json', readOnly: true },
    ],
    tmpfs: [
      { target: '/tmp', sizeMiB: tmpMiB },
      { target: BOOT_FOLDER, sizeMiB: 1 },
    ],
    limits: { memoryMiB, cpus, pids },
    user: 'keep-id',
    readOnlyRoot: true,
    network: 'none',
    capabilities: [],
    noNewPrivileges: true,
    seccomp: 'deck-default',
    labels: {
      'clawdeck.agent': agent,
      'clawdeck.template': template.name,
      'clawdeck.network': 'none',
    },
  }
}

/** How programs in the pod find the gate. What is in the pod itself is reached directly. */
function gateEnv(): Record<string, string> {
  const here = '127.0.0.1,localhost,::1'
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [
    name,
    name.toLowerCase(),
  ])
  return {
    ...Object.fromEntries(proxies.map((name) => [name, GATE_URL])),
    NO_PROXY: here,
    no_proxy: here,
    NODE_USE_ENV_PROXY: '1',
    npm_config_proxy: GATE_URL,
    npm_config_https_proxy: GATE_URL,
    npm_config_noproxy: here,
    PIP_PROXY: GATE_URL,
  }
}

/** These override the template's own variables. */
function podEnv(agent: string): Record<string, string> {
  return {
    PATH: '/opt/deck/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/state/home',
    CLAWDECK_AGENT: agent,
    OPENCLAW_STATE_DIR: '/state',
    OPENCLAW_CONFIG_PATH: '/policy/openclaw.json',
    OPENCLAW_HOME: '/state/home',
    // Without this, a failed start of OpenClaw launches a repair agent with exec and write tools.
    OPENCLAW_SUPERVISOR_MODE: 'external',
    OPENCLAW_NO_RESPAWN: '1',
    OPENCLAW_CONFIG_READONLY: '1',
    OPENCLAW_DISABLE_BONJOUR: '1',
    OPENCLAW_NO_AUTO_UPDATE: '1',
    OPENCLAW_EXEC_SHELL_SNAPSHOT: '0',
    OPENCLAW_SKIP_CHANNELS: '1',
    DO_NOT_TRACK: '1',
  }
}
