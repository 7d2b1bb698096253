import type { Template } from './types.ts'

/** A tmpfs of the pod where its init puts the gateway's token and the model's key. */
export const BOOT_FOLDER = '/run/boot'

/**
 * The `openclaw.json` of an agent. What OpenClaw enables by default is disabled (remote access,
 * reload, updates, telemetry, plugins, skills, channels, automation); only the template's tools
 * remain.
 */
export function openclawConfig(agent: string, { openclaw }: Template): Record<string, unknown> {
  return {
    gateway: {
      mode: 'local',
      bind: 'loopback',
      port: 18_789,
      auth: { mode: 'token', token: { source: 'file', provider: 'gw', id: 'value' } },
      reload: { mode: 'off' },
      controlUi: { enabled: false },
      terminal: { enabled: false },
      cliAgents: { enabled: false },
      nodes: {
        pairing: { sshVerify: false },
        browser: { mode: 'off' },
        pluginTools: { enabled: false },
        allowSkills: false,
      },
    },
    update: { checkOnStart: false },
    telemetry: { enabled: false },
    discovery: { mdns: { mode: 'off' } },
    cron: { enabled: false },
    secrets: { providers: { gw: secretFile('gateway-token'), up: secretFile('upstream-key') } },
    models: models(),
    agents: {
      defaults: {
        model: { primary: 'upstream/default' },
        modelPolicy: { allow: ['upstream/*'] },
        skipBootstrap: true,
        heartbeat: { every: '0m' },
        sandbox: { mode: 'off' },
      },
      entries: { [agent]: { name: openclaw.displayName, workspace: '/workspace', skills: [] } },
    },
    plugins: { allow: ['device-pair'], slots: { memory: 'none' } },
    skills: { allowBundled: [] },
    commands: {
      bash: false,
      config: false,
      mcp: false,
      plugins: false,
      debug: false,
      restart: false,
    },
    logging: {
      file: '/state/logs/openclaw.log',
      consoleStyle: 'json',
      audit: { enabled: true, executionIdentity: true },
    },
    tools: tools(openclaw),
  }
}

function secretFile(name: string): Record<string, unknown> {
  return { source: 'file', path: `${BOOT_FOLDER}/${name}`, mode: 'singleValue' }
}

/**
 * One provider on the pod's own loopback, because only the deck's proxy there can reach a model.
 */
function models(): Record<string, unknown> {
  return {
    mode: 'replace',
    catalogRefresh: { enabled: false },
    providers: {
      upstream: {
        baseUrl: 'http://127.0.0.1:4000/v1',
        api: 'openai-completions',
        apiKey: { source: 'file', provider: 'up', id: 'value' },
        models: [{ id: 'default', name: 'Default', contextWindow: 128_000, maxTokens: 8192 }],
      },
    },
  }
}

function tools({
  tools: { allow, deny },
  exec,
  web,
}: Template['openclaw']): Record<string, unknown> {
  return {
    allow,
    ...(deny.length === 0 ? {} : { deny }),
    fs: { workspaceOnly: true },
    exec: { ...exec, host: 'gateway' },
    web: {
      search: { enabled: false },
      fetch: web
        ? { enabled: true, useTrustedEnvProxy: true, maxRedirects: 2 }
        : { enabled: false },
    },
    elevated: { enabled: false },
    agentToAgent: { enabled: false },
    sessions: { visibility: 'self' },
    toolSearch: false,
  }
}
