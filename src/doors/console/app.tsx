import { Box, Text } from 'ink'
import { memo, useMemo, type ReactNode } from 'react'
import { useStore } from 'zustand'
import { useShallow } from 'zustand/react/shallow'
import { isPainted } from './deck-painter.ts'
import { footerLine } from './views/footer.ts'
import { boxOf, toastsOf } from './overlays/covers.ts'
import { bodyLayer } from './views/layers.ts'
import { headerLine } from './views/header.ts'
import { layout, type Placed } from './views/layout.ts'
import { paneLines } from './views/panes.ts'
import { tileLines } from './views/tiles.ts'
import { isPane, type PaneName } from './store/ui.ts'
import { once, type ConsoleState, type ConsoleStore } from './store/store.ts'
import type { Rect } from './terminal-seam.ts'
import { placeOf } from './store/layer.ts'

/** The whole screen: header, panes or the view over them, footer, and what lies on top. */
export function App({
  store,
  wizard,
}: {
  store: ConsoleStore
  wizard: (rect: Rect) => ReactNode
}): ReactNode {
  const [columns, rows, focus, zoomed, tiles] = useStore(
    store,
    useShallow(
      (s: ConsoleState) => [s.ui.columns, s.ui.rows, s.ui.focus, s.ui.zoomed, s.ui.tiles] as const,
    ),
  )
  const covered = useStore(store, (s) => s.ui.layers.some((l) => placeOf(l) === 'body'))
  const places = useMemo(
    () =>
      layout(
        columns,
        rows,
        focus,
        zoomed,
        tiles.map((t) => t.id),
      ),
    [columns, rows, focus, zoomed, tiles],
  )
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

const NOTHING: readonly string[] = []

const Line = memo(({ text }: { text: string }): ReactNode => <Text wrap="truncate">{text}</Text>)

/** Lines at a place of the screen, each its own text so that only what changed is drawn anew. */
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
    useMemo(() => once((s) => (isPainted(s) ? '' : headerLine(s))), []),
  )
  const columns = useStore(store, (s) => s.ui.columns)
  return <Lines rect={{ x: 0, y: 0, width: columns, height: 1 }} lines={[text]} />
}

function Footer({ store, top }: { store: ConsoleStore; top: number }): ReactNode {
  const text = useStore(
    store,
    useMemo(() => once(footerLine), []),
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
    () =>
      once((s) =>
        isPainted(s)
          ? NOTHING
          : paneLines(
              { width: place.rect.width, height: place.rect.height, painter: s.ui.painter },
              pane,
              s,
              place.boxed,
            ),
      ),
    [place, pane],
  )
  const lines = useStore(store, useShallow(draw))
  return <Lines rect={place.rect} lines={lines} />
}

/** The frame of a terminal. What is inside is painted over it, after each frame. */
function Tile({ store, place }: { store: ConsoleStore; place: Placed }): ReactNode {
  const lines = useStore(
    store,
    useShallow((s: ConsoleState) => tileLines(s, place)),
  )
  return <Lines rect={place.rect} lines={lines} />
}

function Body({ store, rect }: { store: ConsoleStore; rect: Rect }): ReactNode {
  const { width: cells, height } = rect
  const draw = useMemo(() => once((s) => bodyLayer(s, { width: cells, height })), [cells, height])
  const lines = useStore(store, useShallow(draw))
  return <Lines rect={rect} lines={lines} />
}

/** The box on top: a palette, a form, a question. */
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
    useShallow((s: ConsoleState) => boxOf(s)?.lines ?? NOTHING),
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
    useShallow((s: ConsoleState) => toastsOf(s)?.lines ?? NOTHING),
  )
  return rect === undefined ? null : <Lines rect={rect} lines={lines} />
}
