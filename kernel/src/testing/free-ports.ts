import { createServer } from 'node:net'

// Below the range that outgoing connections and `listen(0)` take from (ip_local_port_range), so that nobody is given one
// of these between this look and its use. Test processes that run side by side begin at different places.
const first = 10_000
const last = 32_000
let next = first + ((process.pid * 97) % (last - first))

/** Ports that nobody listens on, each given out once by this process. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = []
  while (ports.length < count) {
    const port = next
    next = next + 1 < last ? next + 1 : first
    if (await isFree(port)) ports.push(port)
  }
  return ports
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise(resolve => {
    server.once('error', () => resolve(false))
    server.listen(port, () => server.close(() => resolve(true)))
  })
}
