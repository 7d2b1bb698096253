import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { describeEngines, sh, up } from '../../support/podman.ts'

describeEngines('what a pod may do', (deck, mode) => {
  it('runs as an unprivileged user without capabilities, with the seccomp filter', async () => {
    await up(deck(), 'safe-a')
    const { text } = await sh(deck().backend, 'safe-a', 'id -u; cat /proc/self/status')
    expect(Number(text.split('\n')[0])).toBeGreaterThan(0)
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect(text).toMatch(new RegExp(`${set}:\\s0{16}`))
    expect(text).toMatch(/NoNewPrivs:\s1/)
    expect(text).toMatch(/Seccomp:\s2/)
  })

  it('is root neither inside nor on the host', async () => {
    const { pid } = await up(deck(), 'safe-host')
    const { text } = await sh(deck().backend, 'safe-host', 'cat /proc/self/uid_map')
    const machine = text
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
    expect(machine.every(([, outside]) => mode === 'rootless' || (outside ?? 0) >= 100_000)).toBe(
      true,
    )
    expect(pid).toBeGreaterThan(1)
  })

  it('cannot create namespaces', async () => {
    await up(deck(), 'safe-ns')
    for (const line of [
      'unshare -Ur true',
      'unshare -n true',
      'unshare -m true',
      'nsenter -t 1 -n true',
      'mount -t tmpfs x /tmp',
    ]) {
      const { text, exitCode } = await sh(deck().backend, 'safe-ns', line)
      expect(exitCode, `${line}: ${text}`).not.toBe(0)
    }
    const clone =
      'const { spawnSync } = require("child_process"); console.log(spawnSync("unshare", ["-U", "true"]).status)'
    expect((await sh(deck().backend, 'safe-ns', `node -e '${clone}'`)).text.trim()).toBe('1')
  })

  it('can write to its workspace and /tmp only', async () => {
    await up(deck(), 'safe-fs')
    const { text } = await sh(
      deck().backend,
      'safe-fs',
      'for d in /workspace /tmp / /etc /bin /usr/local/bin /opt/deck/bin /root; do touch $d/x 2>/dev/null && echo $d; done',
    )
    expect(text.trim().split('\n')).toEqual(['/workspace', '/tmp'])
    expect(
      (await sh(deck().backend, 'safe-fs', 'dd if=/dev/zero of=/tmp/big bs=1M count=64 2>&1')).text,
    ).toMatch(/No space left/)
  })

  it('can read but not change read-only mounts, even of private files', async () => {
    const file = join(deck().folder, 'policy.json')
    writeFileSync(file, 'signed\n', { mode: 0o600 })
    const spec = deck().spec('safe-ro')
    await up(deck(), 'safe-ro', {
      mounts: [...spec.mounts, { source: file, target: '/policy/policy.json', readOnly: true }],
    })
    const { text } = await sh(
      deck().backend,
      'safe-ro',
      'cat /policy/policy.json; { echo forged > /policy/policy.json; } 2>/dev/null || echo refused',
    )
    expect(text).toBe('signed\nrefused\n')
    expect(readFileSync(file, 'utf8')).toBe('signed\n')
  })

  it('has no network but its own loopback, and no host names', async () => {
    await up(deck(), 'safe-net')
    const { text } = await sh(
      deck().backend,
      'safe-net',
      'tail -n +3 /proc/net/dev | cut -d: -f1; cat /etc/hosts /etc/resolv.conf 2>/dev/null; true',
    )
    expect(text.trim()).toBe('lo')
    expect((await sh(deck().backend, 'safe-net', 'wget -qO- http://1.1.1.1/ 2>&1')).text).toMatch(
      /unreachable|refused/i,
    )
  })

  it("has the environment of its spec, and nothing of the deck's", async () => {
    process.env['DECK_SECRET'] = 'x'
    await up(deck(), 'safe-env', { env: { GREETING: 'hello there' } })
    const { text } = await sh(deck().backend, 'safe-env', 'env')
    expect(text).toContain('GREETING=hello there')
    expect(text).not.toContain('DECK_SECRET')
  })

  it('is limited as reported', async () => {
    const { enforces } = await deck().backend.probe()
    if (!enforces.pids || !enforces.memory) {
      expect((await deck().backend.probe()).problems.map((problem) => problem.what).join()).toMatch(
        /limits/,
      )
      return
    }
    await up(deck(), 'safe-limit', { limits: { memoryMiB: 48, cpus: 0.5, pids: 20 } })
    expect(
      (
        await sh(
          deck().backend,
          'safe-limit',
          'i=0; while [ $i -lt 30 ]; do sleep 5 & i=$((i+1)); done 2>&1; true',
        )
      ).text,
    ).toMatch(/can't fork|Resource temporarily unavailable/)
    expect(
      (await sh(deck().backend, 'safe-limit', 'node -e "Buffer.alloc(200e6, 1)"')).exitCode,
    ).not.toBe(0)
  })
})
