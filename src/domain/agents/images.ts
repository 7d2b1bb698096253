import { shipped } from '../../config/data.ts'
import { Fault } from '../../base/fault.ts'
import type { Journal } from '../../journal/journal.ts'
import type { Backends } from '../../ports/backends.ts'
import type { Backend } from '../../ports/pods.ts'
import type { ImageService } from './types.ts'

/** Builds agent images with the container engine, and streams what the builder prints. */
export function imageService(journal: Journal, backends: Backends): ImageService {
  return {
    async *build({ tag, base, noCache, signal }, actor) {
      const { images } = imageBackend(backends) ?? {}
      if (images === undefined) {
        yield {
          line: `${backends.report(backends.preferred()).title}: pods run without images, so there is none to build.`,
        }
        return
      }
      for await (const line of images.build(
        { tag, base, noCache, contextDir: shipped('templates', 'image') },
        signal,
      ))
        yield { line }
      const digest = await images.digest(tag)
      if (digest === undefined)
        throw new Fault('backend.failed', `the builder ended without making the image ${tag}`, {
          hint: 'Its output is above.',
        })
      await journal.append(() => [
        { type: 'image.built', actor, subject: '', body: { tag, digest, base } },
      ])
      yield { tag, digest }
    },
  }
}

/** A backend that is ready and runs pods from images. */
function imageBackend(backends: Backends): Backend | undefined {
  return backends
    .all()
    .find(({ kind, images }) => images !== undefined && backends.report(kind).ready)
}
