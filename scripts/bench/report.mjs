import { cpus, totalmem } from 'node:os'

/** One measured figure. `ratio` is value over baseline; `met` compares with the target by `better`. */
export function figure(name, value, unit, { baseline, target, better = 'less', about = '' } = {}) {
  const ratio = baseline ? value / baseline : null
  const met = target === undefined ? null : better === 'less' ? value <= target : value >= target
  return { name, value, unit, baseline: baseline ?? null, ratio, target: target ?? null, met, about }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]
}

/** Milliseconds that `run` takes. */
export async function timed(run) {
  const started = performance.now()
  await run()
  return performance.now() - started
}

export async function repeated(times, run) {
  const values = []
  for (let index = 0; index < times; index++) values.push(await timed(() => run(index)))
  return values
}

const show = value =>
  value === null ? '' : Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1)

export function describeMachine() {
  const model = cpus()[0]?.model ?? 'unknown processor'
  return `${cpus().length} × ${model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}, ${process.platform}/${process.arch}`
}

/** A table for people; medians of one run on one machine. */
export function table(figures) {
  const head = ['figure', 'value', 'unit', 'baseline', 'ratio', 'target', 'met', '']
  const lines = figures.map(({ name, value, unit, baseline, ratio, target, met, about }) => [
    name,
    show(value),
    unit,
    show(baseline),
    ratio === null ? '' : ratio.toFixed(2),
    show(target),
    met === null ? '' : met ? 'yes' : 'NO',
    about,
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map(line => line[column].length)))
  return [head, ...lines]
    .map(line =>
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
