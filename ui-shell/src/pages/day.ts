/** The first moment of a day of the reader's calendar, as an instant; undefined for none. */
export function startOfDay(day: string): string | undefined {
  const date = new Date(`${day}T00:00:00`)
  return day && !Number.isNaN(date.getTime()) ? date.toISOString() : undefined
}

/** The last moment of it. */
export function endOfDay(day: string): string | undefined {
  const date = new Date(`${day}T23:59:59.999`)
  return day && !Number.isNaN(date.getTime()) ? date.toISOString() : undefined
}
