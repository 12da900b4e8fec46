import type { Component } from 'vue'

export type MenuEntry =
  'line' | { label: string; icon?: Component; keys?: string; danger?: boolean; disabled?: boolean; checked?: boolean; run: () => void }
