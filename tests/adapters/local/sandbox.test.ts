import { execFile } from 'node:child_process'
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Records } from '../../../src/adapters/local/record.ts'
import { enterCommand, findTools } from '../../../src/adapters/local/sandbox.ts'
import { localFixture, SANDBOXED, sh } from '../../support/local-pods.ts'
import { podSpec } from '../../support/pod-spec.ts'
import { until } from '../../support/until.ts'

const fixture = localFixture()

describe.runIf(SANDBOXED)('a sandbox', () => {
  it('hides the machine and grants no capabilities', async () => {
    mkdirSync(join(fixture.root, 'secret'))
    const pods = fixture.backend(false)
    await fixture.up(pods, 'a1')
    expect((await sh(pods, 'a1', `ls ${fixture.root} /home /root 2>/dev/null`)).stdout).toBe('')
    expect((await sh(pods, 'a1', 'cat /etc/hosts; cut -d: -f1 /etc/passwd; hostname')).stdout).toBe(
      'agent\nnobody\na1\n',
    )
    expect((await sh(pods, 'a1', 'id -u; id -G')).stdout).toBe('1000\n1000\n')
    expect((await sh(pods, 'a1', 'touch /x /usr/x /etc/x /opt/deck/bin/x')).exitCode).not.toBe(0)
    expect((await sh(pods, 'a1', 'touch /workspace/w /state/s /tmp/t')).exitCode).toBe(0)
    expect(statSync(join(fixture.root, 'agents', 'a1', 'workspace', 'w')).isFile()).toBe(true)
    expect((await sh(pods, 'a1', 'unshare -U true')).exitCode).not.toBe(0)
    const { stdout } = await sh(
      pods,
      'a1',
      'grep -E "^(CapEff|CapPrm|NoNewPrivs):" /proc/self/status /proc/1/status; ls /sys/class/net 2>/dev/null; cat /proc/net/dev | tail -n +3 | cut -d: -f1',
    )
    expect(stdout.match(/Cap\w+:\s0{16}/g)).toHaveLength(4)
    expect(stdout.match(/NoNewPrivs:\s1/g)).toHaveLength(2)
    expect(stdout.trim().endsWith('lo')).toBe(true)
    expect((await sh(pods, 'a1', 'env')).stdout).not.toContain('npm_')
  })

  it('exposes no folder of the machine while a command enters', async () => {
    const pods = fixture.backend(false)
    await fixture.up(pods, 'a1')
    const tools = await findTools(process.env)
    if ('what' in tools) throw new Error(tools.what)
    const command = enterCommand(tools, new Records(fixture.root).get('a1'), ['true'], {})
    // From here on the pod's processes can inspect the command: it has joined their user namespace.
    const entered = [
      ...command.slice(0, command.indexOf(tools.setpriv)),
      '/bin/sh',
      '-c',
      'ls -a . / | sort -u; [ . -ef / ] && echo inside',
    ]
    const { stdout } = await promisify(execFile)(entered[0] ?? '', entered.slice(1), { cwd: '/' })
    expect(stdout).toContain('inside')
    expect(stdout).not.toMatch(/^(home|root|boot)$/m)
  })

  it.runIf(process.geteuid?.() !== 0)('limits the number of processes', async () => {
    const pods = fixture.backend(false)
    await pods.lifecycle.create(
      podSpec(fixture.root, 'a1', { limits: { memoryMiB: 64, cpus: 1, pids: 20 } }),
    )
    await pods.lifecycle.start('a1')
    const bomb = await sh(
      pods,
      'a1',
      'i=0; while [ $i -lt 60 ]; do sleep 43230 >/dev/null 2>&1 & echo $i; i=$((i+1)); done',
    )
    expect(bomb.stderr).toMatch(/fork/i)
    expect(Number(bomb.stdout.trim().split('\n').at(-1))).toBeLessThan(20)
    expect((await sh(pods, 'a1', 'echo still fine')).stdout).toBe('still fine\n')
  })

  it('names a mount that does not exist', async () => {
    const pods = fixture.backend(false)
    const spec = podSpec(fixture.root, 'a1')
    await pods.lifecycle.create({
      ...spec,
      mounts: [
        ...spec.mounts,
        { source: join(fixture.root, 'nowhere'), target: '/data', readOnly: true },
      ],
    })
    await expect(pods.lifecycle.start('a1')).rejects.toMatchObject({
      code: 'backend.failed',
      message: expect.stringContaining('nowhere') as string,
    })
  })

  it('gives terminals job control', async () => {
    const pods = fixture.backend(false)
    await fixture.up(pods, 'a1')
    const terminal = await pods.terminals.open('a1', ['sh'], { columns: 80, rows: 24 })
    let text = ''
    terminal.onData((data) => {
      text += Buffer.from(data).toString()
    })
    terminal.write(Buffer.from('tty; sh -c "echo wait""ing; sleep 4000"\r'))
    await until('it sleeps', () => text.includes('waiting\r\n'))
    expect(text).toMatch(/\/dev\/pts\/\d+/)
    terminal.write(Buffer.from('\u0003'))
    terminal.write(Buffer.from('echo ba""ck\r'))
    await until('the prompt returns', () => text.includes('back\r\n'))
    expect(text).not.toContain('job control')
    await terminal.kill()
  })
})
