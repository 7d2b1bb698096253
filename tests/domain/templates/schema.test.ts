import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import { readFile } from 'node:fs/promises'
import { shipped } from '../../../src/config/data.ts'
import { Fault } from '../../../src/base/fault.ts'
import { parseTemplate } from '../../../src/domain/templates/catalog.ts'

const coder = await readFile(shipped('templates', 'coder.yaml'), 'utf8')

function faultOf(text: string): Fault {
  try {
    parseTemplate(text, 'mine.yaml')
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown
    throw thrown
  }
  throw new Error('was accepted')
}

function withKey(path: string[], value: unknown): string {
  const template: unknown = parse(coder)
  let here = template as Record<string, unknown>
  for (const key of path.slice(0, -1)) here = (here[key] ??= {}) as Record<string, unknown>
  here[path.at(-1) as string] = value
  return stringify(template)
}

describe('a template with a dangerous setting', () => {
  it.each([
    [['privileged'], true, 'all rights'],
    [['capabilities'], ['NET_ADMIN'], 'capabilities'],
    [['cap_add'], ['SYS_ADMIN'], 'capabilities'],
    [['network'], 'bridge', 'no network'],
    [['network'], 'host', 'no network'],
    [['ports'], ['80:80'], 'no ports'],
    [['mounts'], [{ source: '/', target: '/host' }], 'folders of this machine'],
    [['volumes'], ['/home/me:/me'], 'folders of this machine'],
    [['home'], true, 'keys and history'],
    [['ssh'], true, 'as you'],
    [['sshAgent'], true, 'as you'],
    [['podmanSocket'], true, 'container engine'],
    [['docker_sock'], '/var/run/docker.sock', 'container engine'],
    [['user'], 'root', 'unprivileged user'],
    [['runtime', 'user'], 0, 'unprivileged user'],
    [['groups'], ['docker'], 'give root access'],
    [['userns'], 'host', 'user namespace'],
    [['readOnlyRoot'], false, 'replace the programs'],
    [['read_only'], false, 'replace the programs'],
    [['noNewPrivileges'], false, 'setuid'],
    [['seccomp'], 'unconfined', 'filter'],
    [['limits', 'security_opt'], ['seccomp=unconfined'], 'filter'],
    [['hostsFile'], true, 'hosts file'],
    [['pid'], 'host', 'namespace'],
    [['devices'], ['/dev/kvm'], 'kernel'],
    [['secrets'], { key: 'x' }, 'must not contain secrets'],
  ])('is refused for %j: %j, with the reason', (path, value, why) => {
    const fault = faultOf(withKey(path, value))
    expect(fault.code).toBe('template.invalid')
    expect(fault.message).toMatch(
      new RegExp(`^mine\\.yaml:\\d+:\\d+: ${path.join('\\.')}: refused: `),
    )
    expect(fault.message).toContain(why)
  })

  it('is refused for it before any other mistake', () => {
    expect(faultOf(`typo: 1\n${withKey(['privileged'], true)}`).message).toContain(
      'privileged: refused',
    )
  })

  it.each([
    [['network'], 'none'],
    [['privileged'], false],
    [['readOnlyRoot'], true],
    [['user'], 'keep-id'],
  ])('learns that %j: %j is always so', (path, value) => {
    expect(faultOf(withKey(path, value)).message).toContain('it is always so')
  })

  it('may use the same names for environment variables', () => {
    expect(
      parseTemplate(withKey(['env'], { volumes: 'ada', network: 'x' }), 'mine.yaml').env,
    ).toEqual({ volumes: 'ada', network: 'x' })
  })

  it.each([
    [['env'], { LD_PRELOAD: '/x.so' }, 'this variable is set by the deck'],
    [['env'], { PATH: '/tmp' }, 'this variable is set by the deck'],
    [['env'], { OPENCLAW_CONFIG_READONLY: '0' }, 'this variable is set by the deck'],
    [['env'], { MODEL_API_KEY: 'sk' }, 'must not contain secrets'],
    [['egress'], ['169.254.169.254:80'], 'refused'],
    [['egress'], ['db.internal:5432'], 'refused'],
    [['egress'], ['example.com'], 'host:port'],
    [['egress'], ['*:443'], 'host:port'],
    [['egress'], ['example.com:70000'], '65535'],
    [['gated'], ['git push; rm'], 'plain words'],
    [['gated'], ['../x'], 'plain words'],
    [['gated'], ['sh'], 'cannot be gated'],
    [['openclaw', 'tools', 'allow'], ['gateway'], 'change its own bounds'],
    [['openclaw', 'tools', 'allow'], ['web_fetch'], 'web: true'],
    [['openclaw', 'exec'], { mode: 'full' }, 'not known'],
    [['openclaw', 'exec'], {}, 'without asking'],
    [
      ['openclaw', 'exec'],
      { mode: 'ask', ask: 'always', security: 'allowlist' },
      'cannot be combined',
    ],
    [['openclaw', 'exec'], { ask: 'always' }, 'security'],
    [['openclaw', 'exec'], { mode: 'ask', host: 'node' }, 'not known'],
    [['openclaw', 'elevated'], { enabled: true }, 'not known'],
    [['image'], 'a b', 'image reference'],
    [['image'], '--privileged', 'image reference'],
    [['name'], '../x', 'template name'],
    [['description'], 'a\u001b[31m', 'one line'],
    [['guard', 'maxAutoRisk'], 101, 'at most 100'],
    [['guard', 'deny'], [], 'not known'],
    [['limits', 'memory'], 1, 'did you mean memoryMiB?'],
    [['workspace'], 'write', 'not known'],
  ])('%j: %j is reported with its position', (path, value, why) => {
    const fault = faultOf(withKey(path, value))
    expect(fault.message).toMatch(/^mine\.yaml:\d+:\d+: /)
    expect(`${fault.message} ${fault.hint}`).toContain(why)
  })

  it('must have a guard', () => {
    const template = parse(coder) as Record<string, unknown>
    delete template['guard']
    expect(faultOf(stringify(template)).message).toContain('guard: this key is missing')
  })
})
