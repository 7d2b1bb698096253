import { rmSync } from 'node:fs'
import { Fault } from '../../base/fault.ts'
import { plain } from '../../base/text.ts'
import type { ImageRequest, PodImages } from '../../ports/pods.ts'
import { BuildLine, expect, ImageAnswer } from './answers.ts'
import { assembleBase, tarOf } from './base-image.ts'
import { statusOf } from './client.ts'
import type { PodmanEngine } from './engine.ts'
import { imageDigestOf } from './pods.ts'

const OWN_BASE = 'localhost/clawdeck-base:latest'
const TAR = 'application/x-tar'

export function podmanImages(engine: PodmanEngine, env: NodeJS.ProcessEnv): PodImages {
  return {
    digest: (image) => digest(engine, image),
    build: (request, signal) => build(engine, env, request, signal),
  }
}

async function digest(engine: PodmanEngine, image: string): Promise<string | undefined> {
  try {
    const found = expect(
      ImageAnswer,
      await engine.call('GET', `/libpod/images/${encodeURIComponent(image)}/json`),
      `the image ${image}`,
    )
    return imageDigestOf(found.Id)
  } catch (thrown) {
    if (statusOf(thrown) === 404) return undefined
    throw thrown
  }
}

async function* build(
  engine: PodmanEngine,
  env: NodeJS.ProcessEnv,
  request: ImageRequest,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let base = request.base
  if (base === 'scratch') {
    base = OWN_BASE
    yield* importBase(engine, env, signal)
  }
  const client = await engine.client()
  const query = new URLSearchParams({
    dockerfile: 'Containerfile',
    t: request.tag,
    buildargs: JSON.stringify({ BASE: base }),
    nocache: String(request.noCache),
    networkmode: 'none',
    rm: 'true',
    forcerm: 'true',
    layers: 'true',
    pullpolicy: 'missing',
  })
  const answers = client.lines('POST', `/libpod/build?${query}`, {
    signal,
    upload: tarOf(request.contextDir),
    contentType: TAR,
  })
  for await (const answer of answers) {
    const line = BuildLine.safeParse(answer).data
    if (line?.error)
      throw new Fault('backend.failed', `The image could not be built: ${plain(line.error, 600)}`, {
        hint: `Check that the base ${base} exists, and that it is Linux with /bin/sh.`,
      })
    for (const text of (line?.stream ?? '').split('\n'))
      if (text.trim() !== '') yield plain(text.trimEnd())
  }
  const id = await digest(engine, request.tag)
  if (id === undefined)
    throw new Fault('backend.failed', `The build ended without an image ${request.tag}`)
  yield `${request.tag} is ${id}`
}

async function* importBase(
  engine: PodmanEngine,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const folder = yield* assembleBase(env)
  try {
    const client = await engine.client()
    const query = new URLSearchParams({ reference: OWN_BASE })
    query.append('changes', 'ENV PATH=/usr/local/bin:/usr/bin:/bin:/sbin')
    const answers = client.lines('POST', `/libpod/images/import?${query}`, {
      signal,
      upload: tarOf(folder),
      contentType: TAR,
    })
    for await (const answer of answers) expect(ImageAnswer, answer, 'the base image')
    yield `base ${OWN_BASE} imported`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
