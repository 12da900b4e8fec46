import {
  Ban,
  ChevronsRight,
  CircleCheck,
  CircleDashed,
  CircleX,
  Clock,
  Hand,
  Hourglass,
  LoaderCircle,
  RotateCw,
  ShieldAlert,
} from '@lucide/vue'
import type { Component } from 'vue'
import type { ExecutionStatus, NodeStatus } from '@/api/types'

export type AnyStatus = ExecutionStatus | NodeStatus

interface Look {
  icon: Component
  text: string
  bar: string
}

/** Icon and text say the state; colour only helps the eye. */
export const statusLooks: Record<AnyStatus, Look> = {
  pending: { icon: CircleDashed, text: 'text-queued', bar: 'bg-queued' },
  queued: { icon: Clock, text: 'text-queued', bar: 'bg-queued' },
  running: { icon: LoaderCircle, text: 'text-running', bar: 'bg-running' },
  retrying: { icon: RotateCw, text: 'text-retrying', bar: 'bg-retrying' },
  waiting: { icon: Hourglass, text: 'text-waiting', bar: 'bg-waiting' },
  succeeded: { icon: CircleCheck, text: 'text-succeeded', bar: 'bg-succeeded' },
  failed: { icon: CircleX, text: 'text-failed', bar: 'bg-failed' },
  skipped: { icon: ChevronsRight, text: 'text-skipped', bar: 'bg-skipped' },
  cancelled: { icon: Ban, text: 'text-cancelled', bar: 'bg-cancelled' },
  held: { icon: Hand, text: 'text-waiting', bar: 'bg-waiting' },
  quarantined: { icon: ShieldAlert, text: 'text-failed', bar: 'bg-failed' },
}
