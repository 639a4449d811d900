import { auditExport, auditVerify } from './commands/audit.js'
import { complete, completion } from './commands/completion.js'
import { doctor } from './commands/doctor.js'
import { help } from './commands/help.js'
import { jobsFollow } from './commands/jobs.js'
import { disableTotp, resetPassword, setupLink } from './commands/rescue.js'
import type { Command } from './context.js'

/** Commands that are more than one request; everything else comes from the API. Longer names first. */
export const commands: Readonly<Record<string, Command>> = {
  'jobs follow': jobsFollow,
  'users reset-password': resetPassword,
  'users disable-totp': disableTotp,
  'setup link': setupLink,
  'audit verify': auditVerify,
  'audit export': auditExport,
  doctor,
  completion,
  __complete: complete,
  help,
}
