type Child = Node | string | undefined

/** An element with properties, attributes (those with `-`, and `role`) and children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Record<string, unknown> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (name.includes('-') || name === 'role') made.setAttribute(name, String(value))
    else Object.assign(made, { [name]: value })
  }
  made.append(...children.filter((child) => child !== undefined))
  return made
}

/** The element of the page with this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no ${id}`)
  return found
}

/** Shows these in the main part of the page, instead of what is there. */
export function show(...children: readonly Child[]): void {
  byId('main').replaceChildren(...children.filter((child) => child !== undefined))
}

/** Says something to those who hear the page. */
export function announce(text: string): void {
  byId('said').textContent = text
}
