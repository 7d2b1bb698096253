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
  const built = mine === undefined ? builtTheme(name) : undefined
  if (built !== undefined) return built
  const text = mine ?? read(shipped('themes', `${name}.yaml`))
  if (text === undefined)
    throw new Fault('config.invalid', `no theme is called "${name}"`, {
      hint: `Choose one of: ${themeNames(own).join(', ')}.`,
    })
  const path = mine === undefined ? `themes/${name}.yaml` : join(own, `${name}.yaml`)
  return check(text, path)
}

/** The shipped themes, read and checked. */
export function shippedThemes(): Record<string, ThemeFile> {
  const texts = namesIn(shipped('themes')).map((name) => [name, `themes/${name}.yaml`] as const)
  return Object.fromEntries(
    texts.map(([name, path]) => [name, check(readFileSync(shipped(path), 'utf8'), path)]),
  )
}

/**
 * A shipped theme from the text with all of them, which is made when the program is built: reading
 * YAML would take a twentieth of the time to the first frame. Undefined without a build.
 */
function builtTheme(name: string): ThemeFile | undefined {
  try {
    const all = JSON.parse(readFileSync(shipped('dist', 'themes.json'), 'utf8')) as object
    return new Map<string, ThemeFile>(Object.entries(all)).get(name)
  } catch {
    return undefined
  }
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
