import { defineProblem } from '@nusantara/sdk'

/** A stored value, or one from the environment, does not fit the plugin's schema. `source` is `stored` or the variable. */
export const SettingInvalid = defineProblem<{ plugin: string; key: string; source: string; reason: string }>(
  'setting_invalid',
  409,
)
/** Written by a newer version of the plugin. */
export const SettingsNewer = defineProblem<{ plugin: string; stored: number; known: number }>('settings_newer', 409)
/** The value comes from the environment, which wins over what is stored. */
export const SettingFixed = defineProblem<{ key: string; variable: string }>('setting_fixed', 409)
/** Not there, or not the actor's. */
export const AccountUnknown = defineProblem<{ account: string }>('account_unknown', 404)
