import { defineProblem } from '@nusantara/sdk'

/** Who asked has no privileges: no `privileges.json`, or no capability `broker`. */
export const BrokerAbsent = defineProblem<{ owner: string }>('job_broker_absent', 500)
