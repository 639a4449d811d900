import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type axe from 'axe-core'
import type { Page } from 'playwright-core'
import type { Visitor } from './visitor.js'

declare global {
  interface Window {
    axe: typeof axe
  }
}

const axeSource: string = (createRequire(import.meta.url)('axe-core') as typeof axe).source
/** Git ignores it. */
export const screenshots = fileURLToPath(new URL('../../../.test-output/screenshots/', import.meta.url))
interface Size {
  readonly width: number
  readonly height: number
}

export const desktop: Size = { width: 1280, height: 860 }
export const phone: Size = { width: 360, height: 740 }
const themes = ['light', 'dark'] as const

/**
 * Looks at the page as it is now, in both themes and each width: keeps a screenshot of each, and finds nothing that breaks a
 * rule of WCAG 2.2 AA or axe's best practices, and nothing wider than a phone.
 */
export async function inspect({ page }: Visitor, name: string, sizes = [desktop, phone]): Promise<void> {
  mkdirSync(screenshots, { recursive: true })
  await loadAxe(page)
  const problems: string[] = []
  const before = page.viewportSize() ?? desktop
  for (const viewport of sizes) {
    await page.setViewportSize(viewport)
    if (viewport === phone) problems.push(...(await overflow(page)))
    for (const colorScheme of themes) {
      await page.emulateMedia({ colorScheme })
      await settle(page)
      await page.screenshot({ path: join(screenshots, `${name}-${viewport.width}-${colorScheme}.png`) })
      // Colours do not depend on the width; layout does not depend on the theme.
      if (viewport === sizes[0] || colorScheme === 'light') problems.push(...(await violations(page)))
    }
  }
  await page.setViewportSize(before)
  await page.emulateMedia({ colorScheme: 'light' })
  if (problems.length) throw new Error(`${name}:\n${[...new Set(problems)].join('\n')}`)
}

/** Transitions ended and two frames painted. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await Promise.allSettled(
      document
        .getAnimations()
        .filter(animation => animation.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY)
        .map(animation => animation.finished),
    )
    await new Promise(painted => requestAnimationFrame(() => requestAnimationFrame(painted)))
  })
}

/** By the debugger, which no content security policy keeps out. */
async function loadAxe(page: Page): Promise<void> {
  const debugging = await page.context().newCDPSession(page)
  await debugging.send('Runtime.evaluate', { expression: `${axeSource};undefined` })
  await debugging.detach()
}

async function violations(page: Page): Promise<string[]> {
  const found = await page.evaluate(async () => {
    // From its top: whatever lies half below the bar of a page that is scrolled would be a target too small.
    const { scrollY } = window
    window.scrollTo({ top: 0, behavior: 'instant' })
    const { violations } = await window.axe.run(document, {
      resultTypes: ['violations'],
      preload: false,
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    })
    window.scrollTo({ top: scrollY, behavior: 'instant' })
    const theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(
        node =>
          `${id} (${theme}, ${innerWidth}): ${node.target.flat().join(' ')}\n    ${node.html.slice(0, 160)}\n    ${node.failureSummary?.replaceAll('\n', ' ')}`,
      ),
    )
  })
  return found
}

/** What makes the page wider than the window, if anything does. */
export async function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    if (document.documentElement.scrollWidth <= innerWidth) return []
    const found: string[] = []
    const walk = (root: ParentNode) => {
      for (const element of root.querySelectorAll('*')) {
        const { right, width } = element.getBoundingClientRect()
        if (right > innerWidth + 0.5 && width > 0)
          found.push(`${element.localName}.${element.className} ends at ${right}`)
        if (element.shadowRoot) walk(element.shadowRoot)
      }
    }
    walk(document)
    return [`${document.documentElement.scrollWidth} > ${innerWidth}: ${found.slice(-5).join(', ')}`]
  })
}
