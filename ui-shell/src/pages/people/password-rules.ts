/** `GET /api/v1/auth/password`: in characters. */
export interface PasswordRules {
  readonly min: number
  readonly minWithTotp: number
  readonly max: number
}

const alphabet = 'abcdefghijkmnpqrstuvwxyz23456789'
const groups = 5

/** Five groups of four characters, 100 bits: `k7qm-…`. */
export function randomPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(groups * 4))
  return [...bytes]
    .map(byte => alphabet[byte & 31])
    .join('')
    .replace(/(.{4})(?=.)/g, '$1-')
}

/** What is wrong with a password as far as the page can tell, by the rules of the panel. */
export function judge(
  password: string,
  { username, min, max }: { readonly username: string; readonly min: number; readonly max: number },
): { readonly length: boolean; readonly name: boolean } {
  const characters = [...password].length
  const lower = password.normalize('NFKC').toLowerCase()
  return {
    length: characters >= min && characters <= max,
    name: password !== '' && (username.length < 3 || !lower.includes(username.toLowerCase())),
  }
}
