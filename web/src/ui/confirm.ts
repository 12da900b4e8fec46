import { shallowRef } from 'vue'

export interface Question {
  title: string
  text: string
  yes: string
  danger?: boolean
  answer: (yes: boolean) => void
}

/** The question on the screen; ConfirmHost.vue shows it. */
export const question = shallowRef<Question>()

/** Asks before something that cannot be taken back. */
export function confirm(ask: Omit<Question, 'answer'>): Promise<boolean> {
  return new Promise((resolve) => {
    question.value = {
      ...ask,
      answer: (yes) => {
        question.value = undefined
        resolve(yes)
      },
    }
  })
}
