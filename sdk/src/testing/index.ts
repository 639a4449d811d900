import type { TestPanel, TestPanelOptions } from './types.js'

export { describePlugin } from './describe-plugin.js'
export {
  type FuzzOptions,
  harness,
  type KillCase,
  type KillOptions,
  type MatrixOptions,
  type Sample,
} from './harness.js'
export type * from './types.js'

/**
 * A panel on an ephemeral port with a temporary home, a real broker process, and an administrator who is signed in. It
 * needs the kernel (`@nusantara/kernel`), which a plugin has as a development dependency only.
 */
export async function createTestPanel(options: TestPanelOptions = {}): Promise<TestPanel> {
  // Not a literal: the SDK is built before the kernel and does not depend on it.
  const kernel: string = '@nusantara/kernel/testing'
  const { createTestPanel: create } = (await import(kernel)) as {
    createTestPanel(options: TestPanelOptions): Promise<TestPanel>
  }
  return create(options)
}
