import { defineSettings, Joi, object } from '@nusantara/sdk'

/** What an administrator chooses for the kernel itself; `/settings/kernel`, or `NUSA_KERNEL_…`. */
export interface KernelValues {
  readonly jobDays: number
  readonly jobsKept: number
  readonly jobLogKib: number
  readonly eventDays: number
  readonly notificationDays: number
}

const days = (fallback: number) => Joi.number().integer().min(1).max(3650).default(fallback)

export const kernelSettings = defineSettings<KernelValues>(
  object<KernelValues>({
    jobDays: days(90).description('Days for which jobs that ended are kept, with their steps and logs'),
    jobsKept: Joi.number()
      .integer()
      .min(100)
      .max(1_000_000)
      .default(20_000)
      .description('How many jobs that ended are kept at most; the oldest go first'),
    jobLogKib: Joi.number()
      .integer()
      .min(16)
      .max(102_400)
      .default(4096)
      .description('KiB of log kept of one job; what comes after is left out and said so'),
    eventDays: days(30).description('Days for which events wait for a plugin that is off or fails to take them in'),
    notificationDays: days(30).description('Days for which notifications stay that somebody has read'),
  }),
  { version: 1 },
)
