import Joi from 'joi'

/**
 * Any JSON value, of limited depth: for the few inputs whose real schema is known only when they arrive, and is applied then.
 *
 * @param depth how many lists or objects may stand inside each other
 */
export function jsonValue(depth = 4): Joi.Schema {
  const scalars = [Joi.string().allow('').max(65_536), Joi.number(), Joi.boolean(), Joi.valid(null)]
  if (depth === 0) return Joi.alternatives(...scalars)
  const inner = jsonValue(depth - 1)
  return Joi.alternatives(...scalars, Joi.array().items(inner), Joi.object().pattern(/^[A-Za-z0-9_-]{1,64}$/, inner))
}
