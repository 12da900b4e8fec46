// What every field of one form shares: whose config it is, what is wrong with it, where a picked field of the data goes.
import { inject, type InjectionKey, type Ref } from 'vue'
import type { Problem } from '../../document/problems'
import type { Json } from '../../document/types'
import type { Texts } from './field'

export interface FormContext {
  readonly texts: Ref<Texts>
  readonly problems: Ref<readonly Problem[]>
  readonly readOnly: Ref<boolean>
  /** All that the form holds, and the zone that counts where it names none: for a field that is shown with its neighbours in mind. */
  readonly whole?: Ref<Json | undefined>
  readonly timezone?: Ref<string | undefined>
  /** Pointer below the node, such as /config/url. */
  readonly set: (pointer: string, value: Json | undefined) => void
  /** The field that had the keyboard last: a click on a field of the data goes there. */
  readonly touched: (insert: (expression: string) => void, title: string) => void
}

export const FORM: InjectionKey<FormContext> = Symbol('schema form')

export function useForm(): FormContext {
  const form = inject(FORM)
  if (!form) throw new Error('useForm stands outside of a form')
  return form
}
