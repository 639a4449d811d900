/** Ports that nobody listens on, each given out once by this process. */
export async function freePorts(count: number): Promise<number[]> {
  // Not a literal: a plugin does not depend on the kernel, its tests need it.
  const kernel: string = '@nusantara/kernel/testing'
  const { freePorts: free } = (await import(kernel)) as { freePorts(count: number): Promise<number[]> }
  return free(count)
}
