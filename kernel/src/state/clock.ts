import { Lifecycle, scoped } from 'tsyringe'

/** The time, so that tests can move it. */
@scoped(Lifecycle.ContainerScoped)
export class Clock {
  now(): Date {
    return new Date()
  }
}
