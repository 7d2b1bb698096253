import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * A file or folder that ships with the program (`templates`, `themes`), wherever it is bundled to.
 */
export function shipped(...path: string[]): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'templates')) && dirname(folder) !== folder)
    folder = dirname(folder)
  return join(folder, ...path)
}
