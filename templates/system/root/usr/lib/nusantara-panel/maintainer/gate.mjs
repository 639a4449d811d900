// Whether the version that was started does its work. Starting is the wait: a unit of type notify is started when it says so.
import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { lastWords, systemctl } from './systemd.mjs'

const answerMs = 15_000
const services = ['nusantara-broker.service', 'nusantara-panel.service']

/** Starts units and asks the panel whether it and the broker answer. @throws with what is wrong and the last log lines */
export async function startAndAsk(paths, units) {
  const began = new Date()
  try {
    // What starts the services later: without them nobody would.
    const starters = units.filter(unit => /\.(?:socket|timer)$/.test(unit))
    systemctl('reset-failed', ...units)
    if (starters.length > 0) must(systemctl('start', ...starters))
    for (const service of services) must(systemctl('restart', service))
    await ask(paths, '/healthz')
    const { items } = JSON.parse(await ask(paths, '/api/v1/health'))
    const broker = items.find(({ id }) => id === 'broker')
    if (broker?.status === 'failed') throw new Error(broker.message)
  } catch (error) {
    throw Object.assign(new Error(error.message), { log: lastWords([...new Set([...services, ...units])], began) })
  }
}

function must({ ok, output }) {
  if (!ok) throw new Error(output.split('\n')[0])
}

/** Over the command line's socket, which is there whatever addresses the panel listens on. */
function ask({ doors }, path) {
  const socketPath = doors.find(door => existsSync(door)) ?? doors[0]
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { socketPath, path, headers: { Host: 'localhost', Accept: 'application/json' }, timeout: answerMs },
      answer => {
        const chunks = []
        answer.on('data', chunk => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          if (answer.statusCode === 200) resolve(text)
          else reject(new Error(`${path} answered ${answer.statusCode}: ${text.slice(0, 300)}`))
        })
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${path} did not answer within ${answerMs / 1000} s`)))
    outgoing.on('error', error => reject(new Error(`the panel does not answer: ${error.message}`)))
    outgoing.end()
  })
}
