import { spawn } from 'node:child_process'
import { Server, type Socket } from 'node:net'
import { Fault } from '../base/fault.ts'
import type { PodDoor } from '../ports/pods.ts'
import { namespaceOf } from './proc.ts'

const TIMEOUT_MS = 10_000
// The helper must exit: with its copy of the socket it would take connections that nobody answers.
const LISTEN_AND_SEND =
  `const s=require('net').createServer();s.listen(+process.argv[1],'127.0.0.1',()=>process.send('door',s,()=>process.exit()));` +
  `s.on('error',e=>{process.send({error:e.code});process.exit(1)})`

/**
 * Opens a listening socket on the pod's own loopback from outside: a short-lived helper enters the
 * network namespace of `pid`, listens on `port`, and sends the socket to us. Nothing is mounted,
 * and nothing of ours runs in the pod. `enter` is a command prefix that joins other namespaces
 * first.
 */
export function openNetnsDoor(
  { pid, port, enter = [] }: { pid: number; port: number; enter?: readonly string[] },
  accept: (socket: Socket) => void,
): Promise<PodDoor> {
  // Root needs not join the user namespace. Others may enter the network namespace only from inside
  // it.
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
    LISTEN_AND_SEND,
    String(port),
  ]
  const child = spawn(program, words, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' },
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
  let output = ''
  child.stderr?.on('data', (part: Buffer) => {
    output = (output + part.toString('utf8')).slice(0, 400)
  })
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void =>
      reject(
        new Fault(
          'backend.failed',
          `The door to port ${port} could not be placed in the pod: ${why}`,
          {
            cause,
            hint: 'The pod must be running, and `nsenter` (util-linux) must be installed.',
          },
        ),
      )
    child.on('error', (cause) => fail(cause.message, cause))
    child.on('message', (message, handle) => {
      if (handle instanceof Server) resolve(doorOf(handle, `http://127.0.0.1:${port}`, accept))
      else fail(JSON.stringify(message))
    })
    // Not 'exit': on a busy machine it may come before the socket.
    child.on('close', (code, signal) =>
      fail(output.trim() || `the helper ended (${signal ?? code})`),
    )
  })
}

/** Closing the door also destroys its connections, so that an agent cannot delay the deck. */
export function doorOf(server: Server, address: string, accept: (socket: Socket) => void): PodDoor {
  const open = new Set<Socket>()
  // Who says no more may still be answered.
  Object.assign(server, { allowHalfOpen: true })
  server.on('connection', (socket) => {
    open.add(socket)
    // A pod may disconnect at any moment, also while nobody else listens for errors.
    socket.on('error', () => socket.destroy())
    socket.once('close', () => open.delete(socket))
    accept(socket)
  })
  return {
    address,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        for (const socket of open) socket.destroy()
      }),
  }
}
