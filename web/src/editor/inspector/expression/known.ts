import type { InjectionKey } from 'vue'
import type { Known } from './completion'

export const KNOWN: InjectionKey<() => Known> = Symbol('known data')
