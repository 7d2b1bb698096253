import { existsSync, mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { CORRECTED, type Corrections } from '../corrections.ts'
import { EMPTY_FILES, GITIGNORE, configText, templateText } from '../files/provision.ts'
import { MARKDOWN_FILES } from '../markdown/sections.ts'
import { isoTimestamp } from '../times.ts'
import { MarkdownToPolicyConverter } from './markdown-files.ts'
import { PolicyStore } from './policy-store.ts'
import { replaceFile } from './replace-file.ts'

export interface InitOptions {
  /** Replaces rules, playbooks, Markdown and configuration. The log is never emptied. */
  force?: boolean
  corrections?: Corrections
  /** Microseconds since 1970; by default the system's time. */
  now?: () => number
}

/**
 * Provisions `.clawpolicy` in a folder: policy files, Markdown templates, `config.json` and
 * `.gitignore`. Existing Markdown is imported first if there are neither rules nor playbooks.
 * Returns the paths of the files that were written.
 */
export function initMemory(
  folder: string,
  {
    force = false,
    corrections = CORRECTED,
    now = () => systemClock.now() * 1000,
  }: InitOptions = {},
): string[] {
  const memoryDir = join(resolve(folder), '.clawpolicy')
  mkdirSync(memoryDir, { recursive: true })
  const store = PolicyStore.bootstrap(memoryDir, { corrections })
  const isEmpty = () => store.loadRules().size === 0 && store.loadPlaybooks().size === 0
  const hasMarkdown = MARKDOWN_FILES.some((file) => existsSync(join(memoryDir, file)))
  if (!force && hasMarkdown && isEmpty())
    new MarkdownToPolicyConverter({ corrections, now }).migrateAll(memoryDir, store)
  const written = store.createMissingFiles()
  if (force) {
    replaceFile(store.rulesFile, EMPTY_FILES['rules.json'])
    replaceFile(store.playbooksFile, EMPTY_FILES['playbooks.json'])
  }
  const config = {
    initializedAt: isoTimestamp(now()),
    initializedIn: resolve(folder),
    memoryPath: memoryDir,
  }
  const files: [name: string, text: string][] = [
    ...MARKDOWN_FILES.map((file): [string, string] => [file, templateText(file)]),
    ['config.json', configText(config)],
    ['.gitignore', GITIGNORE],
  ]
  for (const [name, text] of files) {
    const path = join(memoryDir, name)
    if (!force && existsSync(path)) continue
    replaceFile(path, text)
    written.push(path)
  }
  return written
}
