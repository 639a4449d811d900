/** Adds how long the work took, in milliseconds, to what stands under the name. */
export async function timed<T>(timings: Record<string, number>, name: string, run: () => Promise<T>): Promise<T> {
  const began = performance.now()
  try {
    return await run()
  } finally {
    timings[name] = Math.round(((timings[name] ?? 0) + performance.now() - began) * 10) / 10
  }
}
