import { Box, Text } from 'ink'
import SelectInput, { type ItemProps } from 'ink-select-input'
import type { ReactNode } from 'react'
import { plain } from '../../base/text.ts'
import type { Rect } from './terminal-seam.ts'
import type { Painter } from './theme/theme.ts'
import { fit } from './text/width.ts'
import { WIZARD_ROWS } from './overlays/boxes.ts'

interface Choice {
  name: string
  description: string
  problem?: string
}

/** The list of templates, laid over the wizard's box. It hears its keys through Ink, which the key handler feeds. */
export function TemplateList({
  rect,
  painter,
  templates,
  choose,
}: {
  rect: Rect
  painter: Painter
  templates: readonly Choice[]
  choose: (name: string) => void
}): ReactNode {
  const items = templates.map((t) => ({
    key: t.name,
    value: t.name,
    label: `${fit(t.name, 12)} ${plain(t.problem === undefined ? t.description : `✕ ${t.problem}`, 200)}`,
  }))
  const Item = ({ isSelected = false, label }: ItemProps): ReactNode => (
    <Text wrap="truncate">
      {painter.row(
        rect.width - 6,
        [[isSelected ? 'strong' : 'text', label]],
        isSelected ? 'cursor' : undefined,
      )}
    </Text>
  )
  const Indicator = ({ isSelected = false }: { isSelected?: boolean }): ReactNode => (
    <Text>{painter.paint('title-focus', isSelected ? '▸ ' : '  ')}</Text>
  )
  return (
    <Box
      position="absolute"
      left={rect.x + 2}
      top={rect.y + 3}
      width={rect.width - 4}
      height={Math.min(WIZARD_ROWS, items.length)}
      overflow="hidden"
    >
      <SelectInput
        items={items}
        limit={Math.min(WIZARD_ROWS, items.length)}
        itemComponent={Item}
        indicatorComponent={Indicator}
        onSelect={(item) => choose(item.value)}
      />
    </Box>
  )
}
