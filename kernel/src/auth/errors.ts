import { defineProblem } from '@nusantara/sdk'

/** A secret file is readable by others than its owner. */
export const KeyFileExposed = defineProblem<{ file: string; mode: string }>('key_file_exposed', 500)
/** A secret file cannot be read, made, or has the wrong size. */
export const KeyFileUnusable = defineProblem<{ file: string; reason: string }>('key_file_unusable', 500)
/** A sealed value does not open: another key, another purpose, or changed bytes. */
export const SealBroken = defineProblem<{ purpose: string }>('seal_broken', 500)

/** Wrong name or password, or a disabled user: one answer for all. `field` is where the password stood, if not there. */
export const CredentialsWrong = defineProblem<{ field?: string }>('credentials_wrong', 401, ({ field }) => ({
  path: field ?? 'password',
}))
/** Wrong, old or used TOTP or recovery code. */
export const CodeWrong = defineProblem('code_wrong', 401, 'code')
/** No attempt is considered before `seconds` have passed. */
export const TooManyAttempts = defineProblem<{ seconds: number }>('too_many_attempts', 429)
/** More passwords wait to be checked than the machine can take. */
export const SignInBusy = defineProblem('sign_in_busy', 503)
/** The step does not fit the state of the sign-in, such as a code without a password before it. */
export const SignInStepUnexpected = defineProblem<{ step: string; state: string }>('sign_in_step_unexpected', 409)
/** Only a person signed in with a browser session may do this, not an API token. */
export const SessionNeeded = defineProblem('session_needed', 403)

export const PasswordTooShort = defineProblem<{ min: number }>('password_too_short', 422, 'password')
export const PasswordTooLong = defineProblem<{ max: number }>('password_too_long', 422, 'password')
export const PasswordCommon = defineProblem('password_common', 422, 'password')
export const PasswordContainsName = defineProblem('password_contains_name', 422, 'password')
/** The password is long enough only together with a second factor. */
export const PasswordNeedsSecondFactor = defineProblem<{ min: number }>('password_needs_second_factor', 409)

export const TotpActive = defineProblem('totp_active', 409)
export const TotpInactive = defineProblem('totp_inactive', 409)
/** A code came without an enrolment that waits for it. */
export const TotpNotEnrolling = defineProblem('totp_not_enrolling', 409)

/** The setup token is wrong, used or was never made. */
export const SetupTokenWrong = defineProblem('setup_token_wrong', 403, 'token')

/** A person has as many preferences as can be kept. */
export const PreferencesFull = defineProblem<{ most: number }>('preferences_full', 409)

export const TokenNameTaken = defineProblem<{ name: string }>('token_name_taken', 409, 'name')
/** A token may not hold what its maker does not. */
export const TokenScopeTooWide = defineProblem<{ permission: string }>('token_scope_too_wide', 403, 'permissions')
export const TokenExpiryPast = defineProblem<{ expiresAt: string }>('token_expiry_past', 422, 'expiresAt')
