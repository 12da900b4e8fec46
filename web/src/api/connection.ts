import { ref } from 'vue'

export type Connection = 'online' | 'offline'

/** Whether the server answered last time. Any answer counts, an error too. */
export const connection = ref<Connection>('online')

export function noteAnswer(): void {
  connection.value = 'online'
}

export function noteSilence(): void {
  connection.value = 'offline'
}
