import { screen } from './command.ts'

/** What only the console does: move, mark, filter, leave. */
export const screenRows = [
  screen({ id: 'screen.palette', title: 'Commands', about: 'deck', keys: [':', 'ctrl-p'], hint: 90, help: 'Find any command by a few of its letters.' }),
  screen({ id: 'screen.filter', title: 'Filter', about: 'deck', keys: ['/'], hint: 91, help: 'Show only the rows of this pane that hold these words.' }),
  screen({ id: 'screen.help', title: 'Help', about: 'deck', keys: ['?'], hint: 92, help: 'What works here, and why the rest does not.' }),
  screen({ id: 'screen.open', title: 'Open', about: 'deck', keys: ['enter'], hint: 98, help: 'Go into what is under the cursor.' }),
  screen({ id: 'screen.back', title: 'Back', about: 'deck', keys: ['esc'], hint: 99, help: 'Come back.' }),
  screen({ id: 'screen.next', title: 'Next pane', about: 'deck', keys: ['tab'], help: 'Move the focus to the next pane.' }),
  screen({ id: 'screen.previous', title: 'Previous pane', about: 'deck', keys: ['shift-tab'], help: 'Move the focus to the pane before.' }),
  screen({ id: 'screen.pane', title: 'Pane by number', about: 'deck', keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], help: '1 agents, 2 approvals, 3 policies, 4 audit, 5 and up open shells.' }),
  screen({ id: 'screen.down', title: 'Down', about: 'deck', keys: ['j', 'down'], help: 'Move the cursor down.' }),
  screen({ id: 'screen.up', title: 'Up', about: 'deck', keys: ['k', 'up'], help: 'Move the cursor up.' }),
  screen({ id: 'screen.left', title: 'Column to the left', about: 'deck', keys: ['left', 'h'], help: 'On the board of rules, to the column at the left.' }),
  screen({ id: 'screen.right', title: 'Column to the right', about: 'deck', keys: ['right'], help: 'On the board of rules, to the column at the right.' }),
  screen({ id: 'screen.aside', title: 'Next column', about: 'rule', keys: ['l'], help: 'From a rule to the next column of the board.' }),
  screen({ id: 'rule.reasons', title: 'Why', about: 'rule', keys: ['w'], help: 'Why a rule is in the state that it is in.' }),
  screen({ id: 'screen.page_down', title: 'Page down', about: 'deck', keys: ['pagedown', 'ctrl-d'], help: 'A page down.' }),
  screen({ id: 'screen.page_up', title: 'Page up', about: 'deck', keys: ['pageup', 'ctrl-u'], help: 'A page up.' }),
  screen({ id: 'screen.top', title: 'First row', about: 'deck', keys: ['g', 'home'], help: 'To the first row.' }),
  screen({ id: 'screen.bottom', title: 'Last row', about: 'deck', keys: ['G', 'end'], help: 'To the last row.' }),
  screen({ id: 'screen.mark', title: 'Mark', about: 'deck', keys: ['space'], hint: 80, help: 'Mark the row; commands act on the marked.' }),
  screen({ id: 'screen.zoom', title: 'Zoom pane', about: 'deck', keys: ['z'], help: 'Give the focused pane the whole screen, and back; that of policies becomes a board of what was learned.' }),
  screen({ id: 'screen.theme', title: 'Next theme', about: 'deck', keys: ['T'], help: 'Switch to the next theme.' }),
  screen({ id: 'screen.redraw', title: 'Redraw', about: 'deck', keys: ['ctrl-l'], help: 'Paint the whole screen anew.' }),
  screen({ id: 'screen.quit', title: 'Quit', about: 'deck', keys: ['q', 'ctrl-c'], hint: 97, help: 'Leave the console; agents stay governed.' }),
]
