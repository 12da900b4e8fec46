// The canvas cannot read CSS variables by itself: they are read here, again whenever the theme changes.
import { onBeforeUnmount, onMounted, shallowRef, type Ref, type ShallowRef } from 'vue'
import type { Colours } from './paint'

const STATES = ['running', 'retrying', 'waiting', 'succeeded', 'failed', 'skipped', 'cancelled', 'held', 'quarantined']

function read(element: Element): Colours {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(`--ed-${name}`).trim()
  return {
    ground: of('bg'),
    edge: of('edge'),
    card: of('card'),
    border: of('line'),
    text: of('text'),
    muted: of('muted'),
    accent: of('accent'),
    dots: of('dots'),
    failed: of('failed'),
    state: Object.fromEntries(STATES.map((state) => [state, of(state)])),
  }
}

export function useColours(element: Ref<HTMLElement | null>): ShallowRef<Colours | undefined> {
  const colours = shallowRef<Colours>()
  const refresh = () => {
    if (element.value) colours.value = read(element.value)
  }
  const watcher = new MutationObserver(refresh)
  const dark = matchMedia('(prefers-color-scheme: dark)')
  onMounted(() => {
    refresh()
    watcher.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] })
    dark.addEventListener('change', refresh)
  })
  onBeforeUnmount(() => {
    watcher.disconnect()
    dark.removeEventListener('change', refresh)
  })
  return colours
}
