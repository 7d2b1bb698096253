import type { HereDoc, ParsedScript, Statement, WordPart } from 'unbash'
import type { Command } from '../types.ts'

/** The text of a here-document, where no shell changes anything in it. */
export function hereDocumentText({ delimiter, body }: HereDoc): string | undefined {
  if (delimiter?.quoted === true) return body.text
  const { parts } = body
  if (parts !== undefined && parts.some(({ type }) => type !== 'Literal')) return undefined
  return body.text.replace(/\\([\\$`]|\n)/g, (_, char: string) => (char === '\n' ? '' : char))
}

/** What `$(cat <<'E' … E)` prints: the one substitution that is a way to write a text. */
export function printedDocument(part: WordPart): string | undefined {
  if (part.type !== 'CommandExpansion') return undefined
  const document = onlyDocument(part.script)
  return document === undefined ? undefined : withoutLastLines(hereDocumentText(document))
}

function withoutLastLines(text: string | undefined): string | undefined {
  let end = text?.length ?? 0
  while (text?.[end - 1] === '\n') end--
  return text?.slice(0, end)
}

/** The here-document of a script that is `cat` with one and nothing else. */
export function onlyDocument(script: ParsedScript | undefined): HereDoc | undefined {
  if (script?.commands.length !== 1 || script.errors !== undefined) return undefined
  const { command, background } = script.commands[0] as Statement
  if (command.type !== 'Command' || background === true || command.name?.text !== 'cat')
    return undefined
  const [document, ...others] = [...command.prefix, ...command.suffix]
  if (document?.type !== 'HereDoc' || others.length > 0) return undefined
  return document.descriptor === undefined ? document : undefined
}

/** What a command prints for the next one in a pipeline, where its words alone say so. */
export function printedBy({ invocation, input, words, opened }: Command): string | undefined {
  const { name, operands } = invocation
  if (opened.length > 0 || words.some(({ text }) => text === undefined)) return undefined
  const texts = operands.map(({ word }) => word.text as string)
  if (name === 'echo')
    return texts.some((text) => text.includes('\\')) || texts[0]?.startsWith('-') === true
      ? undefined
      : `${texts.join(' ')}\n`
  if (name === 'printf') return printfText(texts)
  const passes = name === 'tee' || (name === 'cat' && words.length === 1)
  return passes && input.kind === 'text' ? input.text : undefined
}

function printfText([format, ...values]: readonly string[]): string | undefined {
  if (format === undefined) return undefined
  if (!/[%\\]/.test(format)) return format
  const line = /^%s(\\n)?$/.exec(format)
  return line === null ? undefined : values.map((v) => `${v}${line[1] ? '\n' : ''}`).join('')
}
