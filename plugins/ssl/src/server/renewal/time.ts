export const second = 1000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

/** From 0 (included) to 1 (excluded), as `Math.random`. */
export type Random = () => number

export interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

export function lifetimeOf({ notBefore, notAfter }: Validity): number {
  return Math.max(0, notAfter.getTime() - notBefore.getTime())
}

export function laterOf(a: Date, b: Date | null | undefined): Date {
  return b && b > a ? b : a
}
