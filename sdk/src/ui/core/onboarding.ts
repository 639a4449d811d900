/**
 * How an element in the slot `onboarding.steps` takes part in setting a new server up; the shell sets it as the element's property
 * `onboarding`. The shell shows the list of steps, the heading from the contribution's `title`, and the buttons to go on or back; the
 * element shows what there is to do. Everything is optional to the reader and may be interrupted: what a step changes is done by
 * jobs, and a step that is shown again looks for itself how far it came.
 */
export interface Onboarding {
  /** Says whether the step has done its part, which decides between "Continue" and "Not now". */
  settle(done: boolean): void
  /** What a step before left for this one, such as the id of what it made; undefined without. */
  recall(name: string): string | undefined
  /** Leaves something for the steps after this one: a word of at most 256 characters, kept with the reader's progress. */
  remember(name: string, value: string): void
}
