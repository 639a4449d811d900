import { auditCheckpoint, auditExport, auditVerify } from './commands/audit.js'
import { complete, completion } from './commands/completion.js'
import { doctor } from './commands/doctor.js'
import { help } from './commands/help.js'
import { jobsFollow } from './commands/jobs.js'
import { pluginsApprove } from './commands/plugins.js'
import { disableTotp, resetPassword, setupLink } from './commands/rescue.js'
import type { Command } from './context.js'

/** Commands that are more than one request; everything else comes from the API. */
export const commands: Readonly<Record<string, Command>> = {
  'audit checkpoint': auditCheckpoint,
  'audit export': auditExport,
  'audit verify': auditVerify,
  'jobs follow': jobsFollow,
  'plugins approve': pluginsApprove,
  'setup link': setupLink,
  'users disable-totp': disableTotp,
  'users reset-password': resetPassword,
  completion,
  doctor,
  help,
  __complete: complete,
}
