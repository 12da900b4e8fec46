import { mount } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ApiError } from '@/api/errors'
import { setLanguage } from '@/app/i18n'
import Button from './Button.vue'
import ErrorState from './ErrorState.vue'
import IconButton from './IconButton.vue'
import StatusBadge from './StatusBadge.vue'
import TextField from './TextField.vue'
import { Search } from '@lucide/vue'

afterEach(() => setLanguage('en'))

describe('parts', () => {
  it('say a state in words, in the language of now', async () => {
    await setLanguage('en')
    const badge = mount(StatusBadge, { props: { status: 'held', hideText: true } })
    expect(badge.text()).toBe('Needs a decision')
    await setLanguage('ru')
    await nextTick()
    expect(badge.text()).toBe('Нужно решение')
  })

  it('show an error with its code and cure', async () => {
    await setLanguage('en')
    const state = mount(ErrorState, { props: { error: new ApiError(412, 'store.conflict', 'version 3 is newer') } })
    expect(state.attributes('role')).toBe('alert')
    expect(state.text()).toContain('version 3 is newer')
    expect(state.text()).toContain('store.conflict')
    await state.find('button').trigger('click')
    expect(state.emitted('retry')).toHaveLength(1)
  })

  it('hand listeners on to the button inside a tooltip', async () => {
    const click = vi.fn()
    const button = mount(IconButton, { props: { icon: Search, label: 'Find' }, attrs: { onClick: click }, attachTo: document.body })
    await button.find('button').trigger('click')
    expect(click).toHaveBeenCalledOnce()
    expect(button.find('button').attributes('aria-label')).toBe('Find')
  })

  it('name a field and its fault', () => {
    const field = mount(TextField, { props: { label: 'Name', modelValue: '', error: 'Give it a name.' } })
    const input = field.find('input')
    expect(field.find('label').attributes('for')).toBe(input.attributes('id'))
    expect(input.attributes('aria-invalid')).toBe('true')
    expect(field.find(`#${input.attributes('aria-describedby')}`).text()).toBe('Give it a name.')
  })

  it('cannot be pressed twice while busy', () => {
    expect(mount(Button, { props: { busy: true } }).attributes('disabled')).toBeDefined()
  })
})
