import { BookOpen, LayoutDashboard, LayoutTemplate, ListChecks, Settings, Workflow, Zap } from '@lucide/vue'
import type { Component } from 'vue'

export interface Place {
  to: string
  title: string
  icon: Component
  keys: string
  /** One of those that fit a phone's bar. */
  phone: boolean
}

export const places: Place[] = [
  { to: '/', title: 'nav.dashboard', icon: LayoutDashboard, keys: 'g d', phone: true },
  { to: '/workflows', title: 'nav.workflows', icon: Workflow, keys: 'g w', phone: true },
  { to: '/executions', title: 'nav.executions', icon: ListChecks, keys: 'g e', phone: true },
  { to: '/triggers', title: 'nav.triggers', icon: Zap, keys: 'g t', phone: true },
  { to: '/templates', title: 'nav.templates', icon: LayoutTemplate, keys: 'g m', phone: false },
  { to: '/nodes', title: 'nav.nodes', icon: BookOpen, keys: 'g n', phone: false },
  { to: '/settings', title: 'nav.settings', icon: Settings, keys: 'g s', phone: true },
]

export function isHere(place: Place, path: string): boolean {
  return place.to === '/' ? path === '/' : path === place.to || path.startsWith(`${place.to}/`)
}
