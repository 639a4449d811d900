import type { Command } from '../context.js'
import { exitCodes } from '../exit-codes.js'
import { followJob } from '../follow.js'

export const jobsFollow: Command = {
  usage: '<id>',
  args: ['id'],
  async run(context, { positional: [id] }) {
    const job = await followJob(context, String(id), true)
    return job.state === 'succeeded' ? exitCodes.ok : exitCodes.failed
  },
}
