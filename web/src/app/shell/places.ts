import { BookOpen, Braces, KeyRound, LayoutDashboard, LayoutTemplate, ListChecks, Settings, Workflow, Zap } from '@lucide/vue'
import { computed, type Component } from 'vue'
import { may } from '@/api/session'

export interface Place {
  to: string
  title: string
  icon: Component
  keys: string
  /** One of those that fit a phone's bar. */
  phone: boolean
  /** The operation that it begins with: who may not call it is not led there. */
  needs?: string
}

export const places: Place[] = [
  { to: '/', title: 'nav.dashboard', icon: LayoutDashboard, keys: 'g d', phone: true },
  { to: '/workflows', title: 'nav.workflows', icon: Workflow, keys: 'g w', phone: true, needs: 'list_workflows' },
  { to: '/executions', title: 'nav.executions', icon: ListChecks, keys: 'g e', phone: true, needs: 'list_executions' },
  { to: '/triggers', title: 'nav.triggers', icon: Zap, keys: 'g t', phone: true, needs: 'list_triggers' },
  { to: '/credentials', title: 'nav.credentials', icon: KeyRound, keys: 'g c', phone: false, needs: 'list_credentials' },
  { to: '/variables', title: 'nav.variables', icon: Braces, keys: 'g v', phone: false, needs: 'list_variables' },
  { to: '/templates', title: 'nav.templates', icon: LayoutTemplate, keys: 'g m', phone: false, needs: 'create_workflow' },
  { to: '/nodes', title: 'nav.nodes', icon: BookOpen, keys: 'g n', phone: false, needs: 'list_node_types' },
  { to: '/settings', title: 'nav.settings', icon: Settings, keys: 'g s', phone: true },
]

export const offered = computed(() => places.filter((place) => !place.needs || may(place.needs)))

export function isHere(place: Place, path: string): boolean {
  return place.to === '/' ? path === '/' : path === place.to || path.startsWith(`${place.to}/`)
}
