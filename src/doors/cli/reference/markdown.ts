import type { ReferenceTable, Section } from './content.ts'

/** The reference as Markdown. */
export function asMarkdown(sections: readonly Section[]): string {
  return sections
    .map(({ title, intro, tables, verbatim }) =>
      [
        `## ${title}\n\n${intro}\n`,
        ...tables.map(tableOf),
        ...(verbatim === undefined ? [] : [`\`\`\`yaml\n${verbatim}\`\`\`\n`]),
      ].join('\n'),
    )
    .join('\n')
}

function tableOf({ title, head, rows }: ReferenceTable): string {
  const lines = rows.map(([code, text]) => `| ${codes(code)} | ${cell(text)} |\n`)
  return `${title === '' ? '' : `### ${title}\n\n`}| ${head.join(' | ')} |\n| --- | --- |\n${lines.join('')}`
}

/** A command is one code span; of keys, each is one. */
function codes(code: string): string {
  const parts = code.startsWith('clawdeck ') ? [code] : code.split(' ')
  return parts.map((part) => `\`${part.replaceAll('|', '\\|')}\``).join(' ')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', '<br>')
}
