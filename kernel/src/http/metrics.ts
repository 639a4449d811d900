import { Lifecycle, scoped } from 'tsyringe'

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

export interface Metric {
  /** `nusa_…` with its unit and `_total` where it counts, as Prometheus asks. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  collect(): readonly Sample[] | Promise<readonly Sample[]>
}

const bounds = [1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000] as const

interface Histogram {
  readonly buckets: number[]
  sum: number
  count: number
}

/** Figures in the Prometheus text format. Areas add their own; requests are counted here. */
@scoped(Lifecycle.ContainerScoped)
export class Metrics {
  readonly #metrics = new Map<string, Metric>()
  readonly #requests = new Map<string, Map<number, number>>()
  readonly #durations = new Map<string, Histogram>()

  constructor() {
    this.add({
      name: 'nusa_process_resident_memory_bytes',
      help: 'Resident memory of the panel process.',
      type: 'gauge',
      collect: () => [{ value: process.memoryUsage.rss() }],
    })
    this.add({
      name: 'nusa_process_uptime_seconds',
      help: 'Time since the panel process started.',
      type: 'gauge',
      collect: () => [{ value: process.uptime() }],
    })
  }

  /** @returns takes it away again */
  add(metric: Metric): () => void {
    this.#metrics.set(metric.name, metric)
    return () => {
      if (this.#metrics.get(metric.name) === metric) this.#metrics.delete(metric.name)
    }
  }

  /** @param milliseconds from the first byte of the request to the last handed to the connection */
  requested(operation: string, status: number, milliseconds: number): void {
    const statuses = this.#requests.get(operation) ?? new Map<number, number>()
    this.#requests.set(operation, statuses.set(status, (statuses.get(status) ?? 0) + 1))
    const histogram = this.#durations.get(operation) ?? { buckets: bounds.map(() => 0), sum: 0, count: 0 }
    this.#durations.set(operation, histogram)
    histogram.sum += milliseconds
    histogram.count++
    const bucket = bounds.findIndex(bound => milliseconds <= bound)
    if (bucket >= 0) histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1
  }

  /** All figures in the text exposition format 0.0.4. */
  async text(): Promise<string> {
    const lines: string[] = []
    for (const metric of this.#metrics.values()) {
      head(lines, metric.name, metric.help, metric.type)
      for (const { labels = {}, value } of await metric.collect())
        lines.push(`${metric.name}${written(labels)} ${value}`)
    }
    this.#requestLines(lines)
    return `${lines.join('\n')}\n`
  }

  #requestLines(lines: string[]): void {
    head(lines, 'nusa_http_requests_total', 'Requests by operation and status.', 'counter')
    for (const [operation, statuses] of this.#requests) {
      for (const [status, count] of statuses) {
        lines.push(`nusa_http_requests_total${written({ operation, status: String(status) })} ${count}`)
      }
    }
    const name = 'nusa_http_request_duration_seconds'
    head(lines, name, 'Time to answer by operation.', 'histogram')
    for (const [operation, { buckets, sum, count }] of this.#durations) {
      let total = 0
      for (const [index, bound] of bounds.entries()) {
        total += buckets[index] ?? 0
        lines.push(`${name}_bucket${written({ operation, le: String(bound / 1000) })} ${total}`)
      }
      lines.push(`${name}_bucket${written({ operation, le: '+Inf' })} ${count}`)
      lines.push(
        `${name}_sum${written({ operation })} ${sum / 1000}`,
        `${name}_count${written({ operation })} ${count}`,
      )
    }
  }
}

function head(lines: string[], name: string, help: string, type: string): void {
  lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
}

function written(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, escaped)}"`)
  return pairs.length > 0 ? `{${pairs.join(',')}}` : ''
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`
}
