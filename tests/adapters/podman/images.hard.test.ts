import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeEngines, sh, TEST_IMAGE, up } from '../../support/podman.ts'
import { until } from '../../support/until.ts'

const live = (): AbortSignal => new AbortController().signal

async function linesOf(said: AsyncIterable<string>): Promise<string[]> {
  const lines: string[] = []
  for await (const line of said) lines.push(line)
  return lines
}

describeEngines('the agent image', (deck) => {
  it('has a shell, Node and an init that keeps the pod running', async () => {
    await up(deck(), 'image-a')
    const { text } = await sh(
      deck().backend,
      'image-a',
      'node -p 1+1; cat /proc/1/cmdline | tr "\\0" " "; echo; ls -ld /workspace /opt/deck/bin',
    )
    expect(text).toMatch(/^2\n/)
    expect(text).toContain('/sbin/deck-init')
  })

  it('runs the given command under the init, and exits with its code', async () => {
    await up(deck(), 'image-b', { argv: ['/sbin/deck-init', 'sh', '-c', 'exit 9'] })
    const ended = await until('ended', async () => {
      const now = await deck().backend.lifecycle.inspect('image-b')
      return now?.state === 'exited' && now
    })
    expect(ended.exitCode).toBe(9)
  })

  it('reaps orphaned processes, so that no zombies remain', async () => {
    await up(deck(), 'image-c')
    await sh(deck().backend, 'image-c', 'for i in 1 2 3; do (sleep 0.01 &) ; done; sleep 0.2')
    await until(
      'no zombie is left',
      async () =>
        !(
          await sh(deck().backend, 'image-c', 'cat /proc/[0-9]*/stat | cut -d" " -f3')
        ).text.includes('Z'),
    )
  })

  it('stops within the grace period', async () => {
    await up(deck(), 'image-d', { argv: ['/sbin/deck-init', 'sleep', '1000'] })
    await deck().backend.lifecycle.stop('image-d', 5_000)
    expect(await deck().backend.lifecycle.inspect('image-d')).toMatchObject({
      state: 'exited',
      exitCode: 0,
    })
  })
})

describeEngines(
  'building',
  (deck) => {
    let context: string
    beforeAll(() => {
      context = mkdtempSync('/tmp/cd-image-')
    })
    afterAll(() => {
      rmSync(context, { recursive: true })
    })

    it('reports each step and names the result', async () => {
      writeFileSync(
        join(context, 'Containerfile'),
        'ARG BASE\nFROM ${BASE}\nRUN echo built-by-hand\n',
      )
      const tag = 'localhost/clawdeck-step:test'
      const lines = await linesOf(
        deck().backend.images.build(
          { tag, base: TEST_IMAGE, noCache: true, contextDir: context },
          live(),
        ),
      )
      expect(lines.join('\n')).toMatch(/STEP[^]*built-by-hand/)
      expect(lines.at(-1)).toBe(`${tag} is ${await deck().backend.images.digest(tag)}`)
      deck().podman('rmi', '--force', tag)
    })

    it("fails with the builder's error", async () => {
      writeFileSync(join(context, 'Containerfile'), 'ARG BASE\nFROM ${BASE}\nRUN exit 7\n')
      const request = {
        tag: 'localhost/clawdeck-fails:test',
        base: TEST_IMAGE,
        noCache: true,
        contextDir: context,
      }
      await expect(linesOf(deck().backend.images.build(request, live()))).rejects.toMatchObject({
        code: 'backend.failed',
        message: /exit status 7|exit 7/,
      })
      const unknown = { ...request, base: 'localhost/no-such-base:test' }
      await expect(linesOf(deck().backend.images.build(unknown, live()))).rejects.toMatchObject({
        code: 'backend.failed',
        hint: /no-such-base/,
      })
    })
  },
  ['rootless'],
)
