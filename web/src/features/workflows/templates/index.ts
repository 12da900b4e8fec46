import type { Json } from '@/api/types'
import fetchSaveText from '../../../../../examples/fetch_transform_validate_save.yaml?raw'
import llmInput from '../../../../../examples/llm_decision.input.json'
import llmText from '../../../../../examples/llm_decision.yaml?raw'
import mergeInput from '../../../../../examples/parallel_merge.input.json'
import mergeText from '../../../../../examples/parallel_merge.yaml?raw'
import usersText from '../../../../../examples/process_user_data.json?raw'
import hourlyText from './hourly_report.yaml?raw'
import orderText from './order_total.yaml?raw'

export interface Template {
  id: string
  text: string
  input: Json
  /** It calls the mock API, which must run beside the server. */
  mock: boolean
}

export const templates: Template[] = [
  {
    id: 'order_total',
    text: orderText,
    input: [
      { price: 20, count: 3 },
      { price: 75, count: 2 },
    ],
    mock: false,
  },
  { id: 'hourly_report', text: hourlyText, input: {}, mock: false },
  { id: 'process_user_data', text: usersText, input: {}, mock: true },
  { id: 'fetch_transform_validate_save', text: fetchSaveText, input: {}, mock: true },
  { id: 'llm_decision', text: llmText, input: llmInput, mock: true },
  { id: 'parallel_merge', text: mergeText, input: mergeInput, mock: true },
]
