import { Building2, KeyRound, ScrollText, SlidersHorizontal, UserRound, Users, UsersRound, Vault } from '@lucide/vue'
import type { Component } from 'vue'

export interface Section {
  to: string
  title: string
  icon: Component
  /** The operation that it begins with: who may not call it does not see it. */
  needs?: string
}

export const sections: Section[] = [
  { to: '/settings', title: 'settings.section.preferences', icon: SlidersHorizontal },
  { to: '/settings/account', title: 'settings.section.account', icon: UserRound },
  { to: '/settings/members', title: 'settings.section.members', icon: UsersRound, needs: 'list_members' },
  { to: '/settings/api-keys', title: 'settings.section.keys', icon: KeyRound, needs: 'list_api_keys' },
  { to: '/settings/audit', title: 'settings.section.audit', icon: ScrollText, needs: 'list_audit' },
  { to: '/settings/users', title: 'settings.section.users', icon: Users, needs: 'list_users' },
  { to: '/settings/tenants', title: 'settings.section.tenants', icon: Building2, needs: 'list_tenants' },
  { to: '/settings/master-keys', title: 'settings.section.masterKeys', icon: Vault, needs: 'list_master_keys' },
]
