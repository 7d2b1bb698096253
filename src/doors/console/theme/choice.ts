import { asFault } from '../../../base/fault.ts'
import type { ConsoleStore } from '../store/state.ts'
import { setUi, toast } from '../store/store.ts'
import type { ConsoleOptions } from '../options.ts'
import { loadTheme, themeNames } from './load.ts'
import { colourDepth, makePainter, type Painter } from './theme.ts'

type ThemeOptions = Pick<ConsoleOptions, 'env' | 'home' | 'choice'>

const DEFAULT = 'dark'

/** The chosen theme; if it cannot be read, the default one and why. */
export function firstPainter(options: ThemeOptions): { painter: Painter; problem?: string } {
  const name = options.env['CLAWDECK_THEME'] ?? options.choice?.theme ?? DEFAULT
  try {
    return { painter: painterOf(options, name) }
  } catch (thrown) {
    return {
      painter: makePainter(loadTheme(DEFAULT, ''), colourDepth(options.env)),
      problem: asFault(thrown).message,
    }
  }
}

export function nextTheme(store: ConsoleStore, options: ThemeOptions): void {
  const names = themeNames(options.home.themes)
  const now = store.getState().ui.painter.name
  const name = names[(names.indexOf(now) + 1) % names.length] ?? DEFAULT
  changeTheme(store, options, name)
  toast(store, `Theme: ${name}`, 'info')
}

/** Reads the theme again, after its file changed. */
export function reloadTheme(store: ConsoleStore, options: ThemeOptions): void {
  changeTheme(store, options, store.getState().ui.painter.name)
}

function changeTheme(store: ConsoleStore, options: ThemeOptions, name: string): void {
  try {
    setUi(store, { painter: painterOf(options, name) })
  } catch (thrown) {
    toast(store, asFault(thrown).message, 'bad')
  }
}

function painterOf({ env, home }: ThemeOptions, name: string): Painter {
  return { ...makePainter(loadTheme(name, home.themes), colourDepth(env)), name }
}
