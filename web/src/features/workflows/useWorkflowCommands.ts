import { useI18n } from 'vue-i18n'
import { keys } from '@/api/queries'
import type { WorkflowSummary } from '@/api/types'
import { deleteWorkflow, exportWorkflow, publishWorkflow, unpublishWorkflow, type ExportFormat } from '@/api/workflows'
import { confirm } from '@/ui/confirm'
import { useAttempt } from '@/ui/useAttempt'
import { fileName, saveFile } from './saveFile'

const kinds: Record<ExportFormat, [ending: string, type: string]> = {
  json: ['json', 'application/json'],
  yaml: ['yaml', 'application/yaml'],
  mermaid: ['mmd', 'text/plain'],
}

/** What can be done with a workflow from outside its editor; each tells how it went. */
export function useWorkflowCommands() {
  const { t } = useI18n()
  const attempt = useAttempt(keys.workflows)

  return {
    publish: (workflow: WorkflowSummary) =>
      attempt(t('workflows.publishedDone', { name: workflow.name }), () => publishWorkflow(workflow.id)),
    async unpublish(workflow: WorkflowSummary) {
      const sure = await confirm({
        title: t('workflows.unpublish'),
        text: t('workflows.unpublishText', { name: workflow.name }),
        yes: t('workflows.unpublish'),
      })
      return sure && attempt(t('workflows.unpublishedDone', { name: workflow.name }), () => unpublishWorkflow(workflow.id))
    },
    async remove(workflow: WorkflowSummary) {
      const sure = await confirm({
        title: t('workflows.delete'),
        text: t('workflows.deleteText', { name: workflow.name }),
        yes: t('workflows.delete'),
        danger: true,
      })
      return sure && attempt(t('workflows.deleted', { name: workflow.name }), () => deleteWorkflow(workflow.id))
    },
    save: (workflow: WorkflowSummary, format: ExportFormat) =>
      attempt('', async () => {
        const [ending, type] = kinds[format]
        saveFile(`${fileName(workflow.name)}.${ending}`, await exportWorkflow(workflow.id, format), type)
      }),
  }
}
