import { fork } from 'node:child_process'
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import { percentile } from './harness.ts'

/**
 * The least that a durable answer of another process takes on this machine at the moment: bytes
 * over a socket, appended to a file and brought to disk, and bytes back. The folder, the number a
 * second and the seconds are the arguments, the p99 in milliseconds is the output.
 */
const [folder = '', rate = '', seconds = ''] = process.argv.slice(2)
const socketPath = `${folder}/echo.sock`

function serve(): void {
  const fd = openSync(`${folder}/echo.log`, 'a')
  createServer((socket) => {
    socket.on('data', (data) => {
      writeSync(fd, data)
      fdatasyncSync(fd)
      socket.write(data)
    })
    socket.on('close', () => {
      closeSync(fd)
      process.exit()
    })
  }).listen(socketPath, () => process.send?.('ready'))
}

function measure(): void {
  const took: number[] = []
  const server = fork(process.argv[1] ?? '', process.argv.slice(2), { env: { SERVE: '1' } })
  server.once('message', () => {
    const socket = createConnection(socketPath)
    let began = 0
    socket.on('data', () => took.push(performance.now() - began))
    const ends = performance.now() + Number(seconds) * 1000
    const timer = setInterval(
      () => {
        if (performance.now() > ends) {
          clearInterval(timer)
          socket.end()
          process.stdout.write(String(percentile(took, 0.99)))
          return
        }
        began = performance.now()
        socket.write(Buffer.alloc(800, 'x'))
      },
      1000 / Number(rate),
    )
  })
}

if (process.env['SERVE'] === '1') serve()
else measure()
