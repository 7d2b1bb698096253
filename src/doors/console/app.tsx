import { Box, Text } from 'ink'
import { memo, useMemo, type ReactNode } from 'react'
import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import { isPainted } from './deck-painter.ts'
import { footerLine } from './views/footer.ts'
import { boxOf, toastsOf } from './overlays/covers.ts'
import { bodyLayer } from './views/layers.ts'
import { headerLine } from './views/header.ts'
import { layout, type LayoutInput, type Placed } from './views/layout.ts'
import { paneLines } from './views/panes.ts'
import { tileLines } from './views/tiles.ts'
import { isPane, type PaneName } from './store/ui.ts'
import type { ConsoleState, ConsoleStore } from './store/state.ts'
import { oncePerState } from './store/once.ts'
import type { Rect } from './terminal-seam.ts'
import { placeOf } from './store/layer.ts'

/** The whole screen: header, panes or the view over them, footer, and what covers them. */
export function App({
  store,
  wizard,
}: {
  store: ConsoleStore
  wizard: (rect: Rect) => ReactNode
}): ReactNode {
  const place = useStore(
    store,
    useShallow(({ ui }: ConsoleState): LayoutInput => {
      const { columns, rows, focus, zoomed, tiles } = ui
      return { columns, rows, focus, zoomed, tiles }
    }),
  )
  const { columns, rows } = place
  const covered = useStore(store, (s) => s.ui.layers.some((l) => placeOf(l) === 'body'))
  const places = useMemo(() => layout(place), [place])
  return (
    <Box width={columns} height={rows} flexDirection="column" overflow="hidden">
      <Header store={store} />
      {covered ? (
        <Body store={store} rect={{ x: 0, y: 1, width: columns, height: Math.max(1, rows - 2) }} />
      ) : (
        places.panes.map((place) => <Pane key={place.id} store={store} place={place} />)
      )}
      <Footer store={store} top={rows - 1} />
      <Overlay store={store} wizard={wizard} />
      <Toasts store={store} />
    </Box>
  )
}

const NO_LINES: readonly string[] = []

const Line = memo(({ text }: { text: string }): ReactNode => <Text wrap="truncate">{text}</Text>)

/** Lines in a rectangle of the screen. Each is a text of its own: only what changed is redrawn. */
function Lines({ rect, lines }: { rect: Rect; lines: readonly string[] }): ReactNode {
  return (
    <Box
      position="absolute"
      left={rect.x}
      top={rect.y}
      width={rect.width}
      height={rect.height}
      flexDirection="column"
      overflow="hidden"
    >
      {lines.map((text, i) => (
        <Line key={i} text={text === '' ? ' ' : text} />
      ))}
    </Box>
  )
}

function Header({ store }: { store: ConsoleStore }): ReactNode {
  const text = useStore(
    store,
    useMemo(() => oncePerState((s) => (isPainted(s) ? '' : headerLine(s))), []),
  )
  const columns = useStore(store, (s) => s.ui.columns)
  return <Lines rect={{ x: 0, y: 0, width: columns, height: 1 }} lines={[text]} />
}

function Footer({ store, top }: { store: ConsoleStore; top: number }): ReactNode {
  const text = useStore(
    store,
    useMemo(() => oncePerState(footerLine), []),
  )
  const columns = useStore(store, (s) => s.ui.columns)
  return <Lines rect={{ x: 0, y: top, width: columns, height: 1 }} lines={[text]} />
}

function Pane({ store, place }: { store: ConsoleStore; place: Placed }): ReactNode {
  return isPane(place.id) ? (
    <DeckPane store={store} place={place} pane={place.id} />
  ) : (
    <Tile store={store} place={place} />
  )
}

function DeckPane({
  store,
  place,
  pane,
}: {
  store: ConsoleStore
  place: Placed
  pane: PaneName
}): ReactNode {
  const draw = useMemo(
    () => oncePerState((s) => (isPainted(s) ? NO_LINES : paneLines(place, pane, s))),
    [place, pane],
  )
  const lines = useStore(store, useShallow(draw))
  return <Lines rect={place.rect} lines={lines} />
}

/** The frame of a terminal. Its content is painted after each frame. */
function Tile({ store, place }: { store: ConsoleStore; place: Placed }): ReactNode {
  const lines = useStore(
    store,
    useShallow((s: ConsoleState) => tileLines(s, place)),
  )
  return <Lines rect={place.rect} lines={lines} />
}

function Body({ store, rect }: { store: ConsoleStore; rect: Rect }): ReactNode {
  const { width: cells, height } = rect
  const draw = useMemo(
    () => oncePerState((s) => bodyLayer(s, { width: cells, height })),
    [cells, height],
  )
  const lines = useStore(store, useShallow(draw))
  return <Lines rect={rect} lines={lines} />
}

/** The box on top: the palette, a form, a question. */
function Overlay({
  store,
  wizard,
}: {
  store: ConsoleStore
  wizard: (rect: Rect) => ReactNode
}): ReactNode {
  const rect = useStore(
    store,
    useShallow((s: ConsoleState) => boxOf(s)?.rect),
  )
  const lines = useStore(
    store,
    useShallow((s: ConsoleState) => boxOf(s)?.lines ?? NO_LINES),
  )
  const choosing = useStore(store, (s) => {
    const top = s.ui.layers.at(-1)
    return top?.kind === 'wizard' && top.templates !== null
  })
  if (rect === undefined) return null
  return (
    <>
      <Lines rect={rect} lines={lines} />
      {choosing ? wizard(rect) : null}
    </>
  )
}

function Toasts({ store }: { store: ConsoleStore }): ReactNode {
  const rect = useStore(
    store,
    useShallow((s: ConsoleState) => toastsOf(s)?.rect),
  )
  const lines = useStore(
    store,
    useShallow((s: ConsoleState) => toastsOf(s)?.lines ?? NO_LINES),
  )
  return rect === undefined ? null : <Lines rect={rect} lines={lines} />
}
