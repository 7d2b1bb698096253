import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errno, Fault } from '../../../base/fault.ts'
import { plain } from '../../../base/text.ts'
import { publishDrafts, writeDraft } from '../files/draft-files.ts'

/** Only a new or empty folder is written to: what was saved before stays. */
export async function refuseUsed(folder: string): Promise<void> {
  const names = await readdir(folder).catch((cause: unknown) => {
    if (errno(cause) === 'ENOENT') return []
    throw new Fault('not.possible', `${plain(folder)} cannot be read`, { cause })
  })
  if (names.length > 0)
    throw new Fault('not.possible', `${plain(folder)} is not empty`, {
      hint: 'Name a new folder for the model.',
    })
}

/** Writes the files of a model, all or none. */
export async function saveModel(
  folder: string,
  model: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const drafts = []
  for (const [name, text] of Object.entries(model))
    drafts.push(await writeDraft(join(folder, name), [text]))
  await publishDrafts(drafts)
}
