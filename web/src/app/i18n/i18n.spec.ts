import { describe, expect, it } from 'vitest'
import { i18n, setLanguage } from './index'
import { russianPlural } from './index'

describe('languages', () => {
  it.each([
    [0, 2],
    [1, 0],
    [2, 1],
    [4, 1],
    [5, 2],
    [11, 2],
    [12, 2],
    [21, 0],
    [22, 1],
    [101, 0],
    [111, 2],
  ])('takes the Russian form for %d', (count, form) => expect(russianPlural(count, 3)).toBe(form))

  it('switch while the page stands, and tell the browser', async () => {
    await setLanguage('ru')
    expect(i18n.global.t('executions.shown', { n: 22 }, 22)).toBe('22 запуска')
    expect(document.documentElement.lang).toBe('ru')
    await setLanguage('en')
    expect(i18n.global.t('executions.shown', { n: 1 }, 1)).toBe('1 execution')
  })
})
