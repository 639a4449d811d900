import { rmSync, writeFileSync } from 'node:fs'
import { Problem } from '@nusantara/sdk'
import type { TestPanel } from '@nusantara/sdk/testing'

interface Harness {
  watchBroker(panel: TestPanel, answered: (method: string) => void): { restore(): void }
}

/** Makes jobs fail, and fail to be taken back, with a real broker. */
export class BrokerFaults {
  readonly #broken: string

  private constructor(
    private readonly panel: TestPanel,
    private readonly harness: Harness,
  ) {
    this.#broken = `${panel.home}/etc/nginx/nusantara.d/broken.conf`
  }

  static async of(panel: TestPanel): Promise<BrokerFaults> {
    // Not a literal: a plugin does not depend on the kernel, its tests need it.
    const kernel: string = '@nusantara/kernel/testing/harness'
    return new BrokerFaults(panel, (await import(kernel)) as Harness)
  }

  /** The first answer to `method` is lost after the broker has done what was asked. */
  lose(method: string): void {
    this.#once(method, () => {})
  }

  /** The same, and from then on no configuration of the web server passes its check, until {@link mend}. */
  loseAndBreak(method: string): void {
    this.#once(method, () => writeFileSync(this.#broken, 'nonsense;\n'))
  }

  mend(): void {
    rmSync(this.#broken, { force: true })
  }

  #once(method: string, then: () => void): void {
    const watched = this.harness.watchBroker(this.panel, answered => {
      if (answered !== method) return
      watched.restore()
      then()
      // Final, so that the step is not tried again.
      throw new Problem('answer_lost', 409)
    })
  }
}
