// Makes a package of its own of the client (dist/client): agents should not have to install the
// deck, which needs a newer Node and compiles parts of it. It is imported by the same names.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = `${root}dist/client`

/** Within the folder, a file of the deck's package. */
const inside = (path) => path.replace('./dist/client/', './')

export async function writeClientPackage() {
  const whole = JSON.parse(await readFile(`${root}package.json`, 'utf8'))
  const entries = Object.entries(whole.exports).filter(([name]) => name.startsWith('./client'))
  const exports = entries.map(([name, { types, default: code }]) => [
    name,
    { types: inside(types), default: inside(code) },
  ])
  const manifest = {
    name: whole.name,
    // Another name for its file than that of the deck.
    version: `${whole.version}-client`,
    description: 'Ask the deck before an act, record what was done, wait for an operator.',
    license: whole.license,
    type: 'module',
    private: whole.private,
    sideEffects: false,
    exports: Object.fromEntries(exports),
    engines: { node: '>=20' },
  }
  await mkdir(folder, { recursive: true })
  await Promise.all([
    writeFile(`${folder}/package.json`, `${JSON.stringify(manifest, undefined, 2)}\n`),
    copyFile(`${root}src/client/README.md`, `${folder}/README.md`),
    copyFile(`${root}LICENSE`, `${folder}/LICENSE`),
  ])
}
