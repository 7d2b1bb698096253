import { wrapped } from '../print/page.ts'
import type { Paint } from '../terminal.ts'
import type { ReferenceTable, Section } from './content.ts'

const INDENT = '      '

/** The reference as text for a terminal, wrapped at 80 columns. */
export function asText(sections: readonly Section[], paint: Paint): string {
  return sections
    .map(({ title, intro, tables, verbatim }) =>
      [
        `${paint('strong', title.toUpperCase())}\n${wrapped(intro, '')}`,
        ...tables.map((table) => tableOf(table, paint)),
        ...(verbatim === undefined ? [] : [indented(verbatim)]),
      ].join('\n'),
    )
    .join('\n')
}

function tableOf({ title, rows }: ReferenceTable, paint: Paint): string {
  const lines = rows.map(([code, text]) => {
    const paragraphs = text.split('\n').map((line) => wrapped(`${INDENT}${line}`, INDENT))
    return `  ${paint('strong', code)}\n${paragraphs.join('')}`
  })
  return `${title === '' ? '' : `${paint('strong', title)}\n`}${lines.join('')}`
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ')
}
