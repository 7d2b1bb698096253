const PLACEHOLDER = /\{\{\s{0,9}([A-Za-z_][\w.-]{0,99})\s{0,9}\}\}/g

/** The names in `{{ name }}`, each once, in order. */
export function promptParameters(content: string): string[] {
  return [...new Set(Array.from(content.matchAll(PLACEHOLDER), (match) => match[1] as string))]
}

/**
 * Puts values in place of `{{ name }}`. What has no value stays as it is; what a value says is not
 * read again.
 */
export function renderPrompt(
  content: string,
  variables: Readonly<Record<string, unknown>>,
): { rendered: string; missing: string[] } {
  const missing = new Set<string>()
  const rendered = content.replace(PLACEHOLDER, (whole, name: string) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined
    if (value === undefined || value === null) {
      missing.add(name)
      return whole
    }
    return typeof value === 'object' ? JSON.stringify(value) : String(value)
  })
  return { rendered, missing: [...missing] }
}

interface PromptVersion {
  id: string
  version: number
  is_active: boolean
}

/** The number of a template's next version. */
export function nextPromptVersion(versions: readonly Pick<PromptVersion, 'version'>[]): number {
  return versions.reduce((most, { version }) => Math.max(most, version), 0) + 1
}

/** The versions of a template after one was activated: it alone is active. */
export function activatedVersion<V extends PromptVersion>(versions: readonly V[], id: string): V[] {
  return versions.map((each) => ({ ...each, is_active: each.id === id }))
}
