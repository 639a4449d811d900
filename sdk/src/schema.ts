import Joi from 'joi'

/** A Joi schema whose accepted value is known to the type system. */
export type Schema<T> = Joi.Schema<T> & { readonly __value?: T }

/**
 * An object schema for a route, a job or settings: unknown keys are refused, strings are not trimmed or converted
 * silently. The type argument is checked against the keys.
 */
export function object<T extends object>(keys: { readonly [K in keyof Required<T>]: Joi.Schema }): Schema<T> {
  return Joi.object<T>(keys as unknown as Joi.SchemaMap<T>)
    .unknown(false)
    .required() as unknown as Schema<T>
}

/** Every string of every input passes this first: no C0, C1 or DEL control characters, no lone surrogates. */
export const printable = /^(?:[^\p{Cc}\p{Cs}])*$/u

/** A text that may hold line breaks and tabs; without this mark every control character in a request is refused. */
export function multiline(): Joi.StringSchema {
  return Joi.string().meta({ multiline: true })
}
