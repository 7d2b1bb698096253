// Builds the program (dist/main.js), the page for phones (dist/web), and the libraries
// `clawdeck/policy` (dist/policy) and `clawdeck/client` (dist/client), side by side.
import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { writeClientPackage } from './client-package.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  minifySyntax: true,
  logLevel: 'warning',
}

/**
 * V8 keeps a file with a single character beyond Latin-1 at two bytes a character, which costs
 * memory and time at every start. esbuild escapes them everywhere but in regular expressions, where
 * an escape means the same.
 */
const LARGE = /[^\u0000-\u00ff]/g

async function writeOutputs({ outputFiles }) {
  for (const { path, text } of outputFiles) {
    if (/String\.raw`[^`\n]*[^\u0000-\u00ff]/.test(text))
      throw new Error(`${path}: write the characters of a raw text as \\u escapes`)
    await mkdir(dirname(path), { recursive: true })
    const escape = (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
    await writeFile(path, text.replace(LARGE, escape))
  }
}

/** Ink's layout engine decodes itself letter by letter, which takes 10 ms of every start. */
const decodeYogaFast = {
  name: 'decode-yoga-fast',
  setup({ onLoad }) {
    onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8')
      const slow = /var b=\w+\(a\.slice\(37\)\),.*?var d=c(?=})/
      if (!slow.test(text)) throw new Error(`${path} decodes itself in another way`)
      return { contents: text.replace(slow, 'var d=Buffer.from(a.slice(37),"base64")') }
    })
  },
}

// Bundled CommonJS modules call `require`.
const requireBanner =
  "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);"

const program = build({
  ...common,
  // Less to read at every start. Lines stay short, since Node prints the one that failed.
  minifyWhitespace: true,
  lineLimit: 160,
  // Regular expressions stay literals: V8 compiles those when they are first used.
  supported: { 'regexp-set-notation': true },
  plugins: [decodeYogaFast],
  write: false,
  target: 'node20',
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  external: ['react-devtools-core', 'better-sqlite3', 'node-pty', 'grammy'],
  banner: { js: requireBanner },
}).then(writeOutputs)

const library = build({
  ...common,
  target: 'node24',
  entryPoints: ['src/clawpolicy/library/policy.ts', 'src/clawpolicy/library/optional.ts'],
  outdir: 'dist/policy',
})

// What earlier builds left would be packed too.
await rm(`${root}dist/client`, { recursive: true, force: true })

// Also for browsers: no module of Node is there.
const client = build({
  ...common,
  platform: 'neutral',
  target: ['node20', 'es2022'],
  entryPoints: [
    'src/client/client.ts',
    'src/client/integrations/langchain.ts',
    'src/client/integrations/ai.ts',
    'src/client/integrations/agents.ts',
    'src/client/integrations/models.ts',
  ],
  entryNames: '[name]',
  outdir: 'dist/client',
})

const page = build({
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  charset: 'utf8',
  logLevel: 'warning',
  entryPoints: { page: 'src/doors/web/page/main.ts' },
  outdir: 'dist/web',
})

/** @param {string} project */
const typesOf = (project) =>
  promisify(execFile)(
    fileURLToPath(new URL('../node_modules/.bin/tsc', import.meta.url)),
    ['--project', `scripts/${project}`],
    { cwd: root },
  ).catch((error) => {
    throw new Error(`the types of ${project} were not built:\n${error.stdout}`, { cause: error })
  })

await Promise.all([
  program,
  library,
  client,
  page,
  typesOf('policy-types.json'),
  typesOf('client-types.json'),
  writeClientPackage(),
])
