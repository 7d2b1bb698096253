import { Box, Text } from 'ink'
import SelectInput, { type ItemProps } from 'ink-select-input'
import type { ReactNode } from 'react'
import { plain } from '../../base/text.ts'
import { WIZARD_ROWS } from './overlays/boxes.ts'
import type { ConsoleStore } from './store/state.ts'
import type { Rect } from './terminal-seam.ts'
import { fit } from './text/width.ts'
import type { Painter } from './theme/theme.ts'

interface WizardProps {
  rect: Rect
  store: ConsoleStore
  choose: (template: string) => void
}

/** The wizard's list of templates, while there is one. */
export function Wizard({ rect, store, choose }: WizardProps): ReactNode {
  const { ui } = store.getState()
  const top = ui.layers.at(-1)
  if (top?.kind !== 'wizard' || top.templates === null) return null
  return <TemplateList rect={rect} painter={ui.painter} templates={top.templates} choose={choose} />
}

interface TemplateListProps {
  rect: Rect
  painter: Painter
  templates: readonly { name: string; description: string; problem?: string }[]
  choose: (template: string) => void
}

/** A list over the wizard's box. It reads its keys through Ink, which gets them from the router. */
function TemplateList({ rect, painter, templates, choose }: TemplateListProps): ReactNode {
  const items = templates.map(({ name, description, problem }) => ({
    key: name,
    value: name,
    label: `${fit(name, 12)} ${plain(problem === undefined ? description : `✕ ${problem}`, 200)}`,
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
  const rows = Math.min(WIZARD_ROWS, items.length)
  return (
    <Box
      position="absolute"
      left={rect.x + 2}
      top={rect.y + 3}
      width={rect.width - 4}
      height={rows}
      overflow="hidden"
    >
      <SelectInput
        items={items}
        limit={rows}
        itemComponent={Item}
        indicatorComponent={Indicator}
        onSelect={(item) => choose(item.value)}
      />
    </Box>
  )
}
