import { readFileSync, readdirSync, watch } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'yaml'
import { Fault } from '../../../base/fault.ts'
import { shipped } from '../../../config/data.ts'
import { ThemeFile } from './theme.ts'

/** All theme names: the four built-in ones first, then those of the operator's folder `own`. */
export function themeNames(own: string): string[] {
  const first = ['dark', 'light', 'contrast', 'colour-blind']
  return [
    ...first,
    ...[...new Set([...namesIn(shipped('themes')), ...namesIn(own)])]
      .filter((n) => !first.includes(n))
      .sort(),
  ]
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((f) => f.endsWith('.yaml'))
      .map((f) => basename(f, '.yaml'))
  } catch {
    return []
  }
}

/**
 * Reads a theme; one of the same name in the operator's folder `own` replaces the built-in one.
 * Fault `config.invalid` names the file and the key.
 */
export function loadTheme(name: string, own: string): ThemeFile {
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    throw new Fault('config.invalid', `"${name}" is not a theme name`, {
      hint: `Choose one of: ${themeNames(own).join(', ')}.`,
    })
  const mine = read(join(own, `${name}.yaml`))
  const built = read(join(shipped('themes'), `${name}.yaml`))
  const text = mine ?? built
  if (text === undefined)
    throw new Fault('config.invalid', `no theme is called "${name}"`, {
      hint: `Choose one of: ${themeNames(own).join(', ')}.`,
    })
  const path = mine === undefined ? `themes/${name}.yaml` : join(own, `${name}.yaml`)
  return check(text, path)
}

const FIX_HINT = 'Correct the file. The theme is read again when you save it.'

function check(text: string, path: string): ThemeFile {
  let raw: unknown
  try {
    raw = parse(text)
  } catch (cause) {
    throw new Fault(
      'config.invalid',
      `${path} is not YAML: ${(cause as Error).message.split('\n')[0] ?? ''}`,
      { hint: FIX_HINT, cause },
    )
  }
  const checked = ThemeFile.safeParse(raw)
  if (checked.success) return checked.data
  const first = checked.error.issues[0]
  throw new Fault(
    'config.invalid',
    `${path}: ${first?.path.join('.') ?? ''}: ${first?.message ?? 'not a theme'}`,
    { hint: FIX_HINT },
  )
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Calls `changed` when a file in the folder `own` is saved, if that folder exists. */
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
