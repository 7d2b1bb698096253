import type { ApprovalState } from '../approvals/types.ts'

/** A message in a chat that shows an approval. */
export interface ShownApproval {
  /** `<chat>:<message>` */
  id: string
  chat: number
  message: number
  /** The device whose chat it is. */
  device: string
  approval: string
  agent: string
  /** Stands for what it shows, as `seenDigest` does. */
  digest: string
  /** Whether all of what would run was shown, in it and in the messages before it. */
  whole: boolean
  /** The state of the approval that it shows. */
  state: ApprovalState
}

/** How far the updates of a bot were taken. */
export interface BotPosition {
  /** The number of the bot. */
  id: string
  upTo: number | null
  /** When, in Unix milliseconds; 0 for never. */
  takenAt: number
  /** Messages of people who are not paired. */
  ignored: number
}

/** The latest digest that a device was sent. */
export interface SentDigest {
  /** The device. */
  id: string
  /** `2026-01-31` */
  day: string
}

/** What chats were shown, and what was taken from them. It outlives the supervisor. */
export interface ChatLog {
  /** Messages that show an approval as waiting, the oldest first. */
  open(chat: number): ShownApproval[]
  /** Whether an approval was shown in a chat, and how. */
  shown(chat: number, approval: string): ShownApproval[]
  /** What a message shows, if it shows an approval. */
  byMessage(chat: number, message: number): ShownApproval | undefined
  noteShown(shown: Omit<ShownApproval, 'id' | 'state'>): Promise<void>
  noteUpdated(shown: ShownApproval, state: ApprovalState): Promise<void>
  position(bot: number): BotPosition
  noteTaken(bot: number, upTo: number): Promise<void>
  /** `people`: how many of them wrote, at least. */
  noteIgnored(bot: number, messages: number, people: number): Promise<void>
  lastDigest(device: string): string | undefined
  noteDigest(device: string, day: string): Promise<void>
}
