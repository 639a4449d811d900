import { useMessages } from '@nusantara/sdk/ui/testing'
import { expect } from 'chai'
import { scheduleWords } from './schedule-words.js'

describe('a schedule in words', () => {
  before(() =>
    useMessages({
      shell: {
        'schedule.words.minute': '{count, plural, one {every minute} other {every # minutes}}',
        'schedule.words.hour': '{count, plural, one {every hour} other {every # hours}} at :{minute}',
        'schedule.words.day': 'every day at {time}',
        'schedule.words.week': '{day} at {time}',
        'schedule.words.month': 'day {day} at {time}',
      },
    }),
  )

  for (const [cron, words] of Object.entries({
    '* * * * *': 'every minute',
    '*/5 * * * *': 'every 5 minutes',
    '23 * * * *': 'every hour at :23',
    '5 */6 * * *': 'every 6 hours at :05',
    '17 3 * * *': 'every day at 03:17',
    '0 17 3 * * *': 'every day at 03:17',
    '0 4 * * 7': 'Sunday at 04:00',
    '30 22 * * 1': 'Monday at 22:30',
    '0 1 15 * *': 'day 15 at 01:00',
    '0 0 1 1 *': '0 0 1 1 *',
    '10 3 * * 1-5': '10 3 * * 1-5',
    '30 17 3 * * *': '30 17 3 * * *',
    '0,30 * * * *': '0,30 * * * *',
  }))
    it(`${cron} is ${words}`, () => expect(scheduleWords(cron)).to.equal(words))
})
