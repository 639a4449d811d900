import { defineProblem } from '@nusantara/sdk'

/** A key of the configuration file or an environment variable has a value that cannot be used. */
export const ConfigInvalid = defineProblem<{ source: string; key: string; reason: string }>('config_invalid', 500)
/** The configuration file cannot be read or is not JSON. */
export const ConfigUnreadable = defineProblem<{ file: string; reason: string }>('config_unreadable', 500)
/** The state directory cannot be made or written. */
export const HomeUnwritable = defineProblem<{ home: string; reason: string }>('home_unwritable', 500)
/** Unix socket paths hang below the state directory, and they end at 107 bytes. */
export const HomeTooLong = defineProblem<{ home: string; bytes: number; limit: number }>('home_too_long', 500)
/** Something else listens on the panel's port. */
export const PortTaken = defineProblem<{ port: number; address: string }>('port_taken', 500)
