const text = { type: 'string' }
const texts = (...names: string[]) => Object.fromEntries(names.map(name => [name, text]))

/** An object with these keys and no other. */
function closed(properties: Readonly<Record<string, object>>, required = Object.keys(properties)) {
  return { type: 'object', properties, required, additionalProperties: false }
}

const list = (items: object) => ({ type: 'array', items })
const open = { type: 'object' }

/** RFC 9457, with what the panel adds to it. */
const Problem = closed(
  {
    ...texts('type', 'title', 'detail', 'instance', 'code', 'message', 'remedy'),
    status: { type: 'integer', minimum: 400, maximum: 599 },
    params: open,
    fields: list(
      closed(
        {
          path: text,
          in: { type: 'string', enum: ['path', 'query', 'header', 'body'] },
          code: text,
          message: text,
          params: open,
        },
        ['path', 'code', 'message'],
      ),
    ),
  },
  ['type', 'title', 'status', 'detail', 'instance', 'code', 'params', 'message'],
)

/** What a route names besides its job, such as the id of what the job makes, stands beside it. */
const Accepted = {
  type: 'object',
  properties: { job: closed(texts('id', 'href')) },
  required: ['job'],
}

const message = closed({ code: text, params: open }, ['code'])

const hash = { type: ['string', 'null'] }
const required = ['path', 'action', 'diff']

/** `before` and `after` are hashes of the file, null where there is none. */
const planFile = closed({ ...texts(...required), before: hash, after: hash, drift: closed({ diff: text }) }, required)

/** `Plan` of the SDK. */
const Plan = closed({
  hash: text,
  steps: list(closed({ name: text, summary: message })),
  files: list(planFile),
  operations: list(closed({ operation: text, params: {}, risk: text }, ['operation'])),
  packages: list(closed(texts('name', 'version', 'action'), ['name', 'action'])),
  services: list(closed(texts('service', 'verb'))),
  late: { type: 'boolean' },
})

/** Shapes that more than one operation answers with. */
export const components = { Problem, Accepted, Plan }
