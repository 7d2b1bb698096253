import { readFileSync, readdirSync, watch } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { Fault } from '../../../base/fault.ts'
import { shipped } from '../../../config/data.ts'
import { ThemeFile } from './theme.ts'

/** Names of all themes: the four of the program first, then the operator's own. */
export function themeNames(own: string): string[] {
  const mine = names(own)
  const first = ['dark', 'light', 'contrast', 'colour-blind']
  return [
    ...first,
    ...[...new Set([...names(shipped('themes')), ...mine])]
      .filter((n) => !first.includes(n))
      .sort(),
  ]
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((f) => f.endsWith('.yaml'))
      .map((f) => basename(f, '.yaml'))
  } catch {
    return []
  }
}

/** Reads a theme; one of the same name in the operator's folder wins. Fault `config.invalid` names the file and the key. */
export function loadTheme(name: string, own: string): ThemeFile {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    throw new Fault('config.invalid', `"${name}" is no theme name`, {
      hint: `Choose one of: ${themeNames(own).join(', ')}.`,
    })
  const mine = read(join(own, `${name}.yaml`))
  const built = read(join(shipped('themes'), `${name}.yaml`))
  const text = mine ?? built
  if (text === undefined)
    throw new Fault('config.invalid', `there is no theme "${name}"`, {
      hint: `Choose one of: ${themeNames(own).join(', ')}.`,
    })
  const path = mine === undefined ? `themes/${name}.yaml` : join(own, `${name}.yaml`)
  return check(text, path)
}

function check(text: string, path: string): ThemeFile {
  let raw: unknown
  try {
    raw = parse(text)
  } catch (cause) {
    throw new Fault(
      'config.invalid',
      `${path} is not YAML: ${(cause as Error).message.split('\n')[0] ?? ''}`,
      { hint: 'Mend the file; the theme is read again as soon as it is saved.', cause },
    )
  }
  const checked = ThemeFile.safeParse(raw)
  if (checked.success) return checked.data
  const first = checked.error.issues[0]
  throw new Fault(
    'config.invalid',
    `${path}: ${first?.path.join('.') ?? ''}: ${first?.message ?? 'not a theme'}`,
    { hint: 'Mend the file; the theme is read again as soon as it is saved.' },
  )
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Calls `changed` when a file in the operator's theme folder is saved. Without such a folder nothing is watched. */
export function watchThemes(own: string, changed: () => void): () => void {
  try {
    let waiting: NodeJS.Timeout | undefined
    const watcher = watch(own, () => {
      clearTimeout(waiting)
      waiting = setTimeout(changed, 30)
      waiting.unref()
    })
    watcher.unref()
    watcher.on('error', () => undefined)
    return () => {
      clearTimeout(waiting)
      watcher.close()
    }
  } catch {
    return () => undefined
  }
}
