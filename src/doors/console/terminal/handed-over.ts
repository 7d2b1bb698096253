import type { TerminalHost } from '../terminal-seam.ts'

const handedOver = new WeakSet<TerminalHost>()

/** Whether a shell has the whole terminal of this console: then nothing else may paint on it. */
export function isHandedOver(host: TerminalHost): boolean {
  return handedOver.has(host)
}

/** Runs `during` with the console off the screen; no pane paints meanwhile. */
export async function handOver(host: TerminalHost, during: () => Promise<void>): Promise<void> {
  handedOver.add(host)
  try {
    await host.suspend(async () => {
      try {
        await during()
      } finally {
        handedOver.delete(host)
      }
    })
  } finally {
    handedOver.delete(host)
  }
}
