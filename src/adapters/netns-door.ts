import { spawn } from 'node:child_process'
import { Server, type Socket } from 'node:net'
import { Fault } from '../base/fault.ts'
import type { PodDoor } from '../ports/pods.ts'
import { namespaceOf } from './proc.ts'

const PORT = 3000
const PATIENCE = 10_000
// The helper must not live on with its copy of the socket: it would take connections that nobody answers.
const PLACE =
  `const s=require('net').createServer();s.listen(${PORT},'127.0.0.1',()=>process.send('door',s,()=>process.exit()));` +
  `s.on('error',e=>{process.send({error:e.code});process.exit(1)})`

/**
 * Opens a listening socket on the pod's own loopback, placed there from outside: a short-lived helper enters the network
 * namespace of `pid`, listens and hands the socket over to us. Nothing is mounted and nothing of ours runs in the pod.
 * `enter` are words before the helper's own that join what must be joined first.
 */
export function openNetnsDoor(
  pid: number,
  accept: (socket: Socket) => void,
  enter: readonly string[] = [],
): Promise<PodDoor> {
  // As root no user namespace needs to be joined; otherwise the network namespace is only ours from within its own.
  const join =
    enter.length === 0 &&
    process.geteuid?.() !== 0 &&
    namespaceOf(pid, 'user') !== namespaceOf(process.pid, 'user')
  const [program = '', ...words] = [
    ...enter,
    'nsenter',
    '-t',
    String(pid),
    ...(join ? ['-U', '--preserve-credentials'] : []),
    '-n',
    '--',
    process.execPath,
    '-e',
    PLACE,
  ]
  const child = spawn(program, words, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' },
    timeout: PATIENCE,
    killSignal: 'SIGKILL',
  })
  let said = ''
  child.stderr?.on('data', (part: Buffer) => {
    said = (said + part.toString('utf8')).slice(0, 400)
  })
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void =>
      reject(
        new Fault('backend.failed', `The guard door could not be placed in the pod: ${why}`, {
          cause,
          hint: 'The pod must be running, and `nsenter` (util-linux) must be installed.',
        }),
      )
    child.on('error', (cause) => fail(cause.message, cause))
    child.on('message', (message, handle) => {
      if (handle instanceof Server) resolve(doorOf(handle, `http://127.0.0.1:${PORT}`, accept))
      else fail(JSON.stringify(message))
    })
    // Not 'exit': on a busy machine that is known before the socket was received.
    child.on('close', (code, signal) => fail(said.trim() || `the helper ended (${signal ?? code})`))
  })
}

/** Closing the door also ends the conversations at it: an agent that holds one open must not hold up the deck. */
export function doorOf(server: Server, address: string, accept: (socket: Socket) => void): PodDoor {
  const open = new Set<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    // A pod may break off at any moment, also while nobody else listens for that.
    socket.on('error', () => socket.destroy())
    socket.once('close', () => open.delete(socket))
    accept(socket)
  })
  return {
    server,
    address,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        for (const socket of open) socket.destroy()
      }),
  }
}
