import type { Command } from '../context.js'
import { exitCodes, usage } from '../exit-codes.js'
import { followJob } from '../follow.js'

export const jobsFollow: Command = {
  summary: "Show a job's log until it ends",
  usage: 'nusa jobs follow <id>',
  async run(context, words) {
    const id = words[0]
    if (!id || id.startsWith('--')) throw usage('<id> is missing; usage: nusa jobs follow <id>')
    const job = await followJob(context.connection, id, context.print)
    return job.state === 'succeeded' ? exitCodes.ok : exitCodes.failed
  },
}
